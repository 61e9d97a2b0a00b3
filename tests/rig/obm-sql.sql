-- The part of OBM's PostgreSQL that a lock touches, with OBM's names and types, and the role that we ask for: it reads
-- a few columns and writes one.
CREATE TABLE Domain (
    domain_id     integer PRIMARY KEY,
    domain_name   varchar(128),
    domain_global boolean DEFAULT FALSE
);
CREATE TABLE UserObm (
    userobm_id             integer PRIMARY KEY,
    userobm_domain_id      integer NOT NULL REFERENCES Domain (domain_id),
    userobm_ext_id         char(36) NOT NULL,
    userobm_timeupdate     timestamp without time zone,
    userobm_timelastaccess timestamp without time zone,
    userobm_archive        smallint NOT NULL DEFAULT 0,
    userobm_login          varchar(80) NOT NULL,
    userobm_password_type  varchar(6) NOT NULL DEFAULT 'PLAIN',
    userobm_password       varchar(64),
    userobm_nb_login_failed integer,
    userobm_mail_quota     integer,
    userobm_nomade_perms   integer,
    userobm_nomade_enable  integer,
    userobm_nomade_local_copy integer,
    userobm_email_nomade   text
);
CREATE TABLE P_UserObm (
    userobm_id             integer PRIMARY KEY,
    userobm_domain_id      integer NOT NULL,
    userobm_ext_id         char(36) NOT NULL,
    userobm_timeupdate     timestamp without time zone,
    userobm_timelastaccess timestamp without time zone,
    userobm_archive        smallint NOT NULL,
    userobm_login          varchar(80) NOT NULL,
    userobm_password_type  varchar(6) NOT NULL,
    userobm_password       varchar(64),
    userobm_nb_login_failed integer,
    userobm_mail_quota     integer,
    userobm_nomade_perms   integer,
    userobm_nomade_enable  integer,
    userobm_nomade_local_copy integer,
    userobm_email_nomade   text
);
CREATE FUNCTION stamp_userobm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.userobm_timelastaccess = OLD.userobm_timelastaccess THEN
        NEW.userobm_timeupdate := now();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER userobm_changed BEFORE UPDATE ON UserObm FOR EACH ROW EXECUTE PROCEDURE stamp_userobm();

INSERT INTO Domain VALUES (1, 'global.virt', TRUE), (2, 'danang.example', FALSE), (3, 'khac.example', FALSE);

CREATE ROLE idplock LOGIN;
GRANT SELECT (domain_id, domain_name) ON Domain TO idplock;
GRANT SELECT (userobm_id, userobm_domain_id, userobm_login, userobm_archive, userobm_password, userobm_ext_id,
              userobm_timelastaccess, userobm_nb_login_failed, userobm_mail_quota, userobm_nomade_perms,
              userobm_nomade_enable, userobm_nomade_local_copy, userobm_email_nomade),
      UPDATE (userobm_password, userobm_password_type) ON UserObm TO idplock;
GRANT SELECT (userobm_id, userobm_password), UPDATE (userobm_password, userobm_password_type) ON P_UserObm TO idplock;
