//! What every database and every directory must do, run on the real ones: SQLite and PostgreSQL, slapd with OBM's
//! schema and Samba's Active Directory.

mod directory;
#[expect(dead_code, reason = "this binary uses a part of what the tests share")]
#[path = "../common/house.rs"]
mod house;
mod nodes;
mod plans;
mod rig;
mod storage;
