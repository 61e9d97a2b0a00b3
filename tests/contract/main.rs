//! What every database and every directory must do, run on the real ones: SQLite and PostgreSQL, slapd with OBM's
//! schema and Samba's Active Directory.

mod directory;
mod rig;
mod storage;
