//! Where a list goes on, as an application carries it from one page to the next: sealed, so that it tells nothing to the
//! logs on its way and nobody makes one, and good for the question alone whose answers it walks through.

use crate::app::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

const PURPOSE: &str = "cursor";

/// Why a text is no cursor here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoCursor {
    /// The house has not made it, or with another master key.
    #[error("the cursor cannot be read; begin anew without it")]
    Unreadable,
    /// It was made for another question.
    #[error(
        "the cursor was given for another list, another application or other parameters (filter, order): send the same \
         ones as for the page before, or begin anew without it"
    )]
    OfAnother,
}

/// A cursor for a place in the answers to a question: who asks, what, and narrowed and ordered how.
pub fn made(app: &App, question: &[&str], place: &str) -> String {
    let clear = format!("{} {place}", mark(app, question));
    URL_SAFE_NO_PAD.encode(app.keyring.seal(PURPOSE, PURPOSE, clear.as_bytes(), app.system.entropy()))
}

/// The place of a cursor, if it was made for this question.
pub fn read(app: &App, question: &[&str], text: &str) -> Result<String, NoCursor> {
    let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoCursor::Unreadable)?;
    let clear = app.keyring.open(PURPOSE, PURPOSE, &sealed).map_err(|_| NoCursor::Unreadable)?;
    let clear = std::str::from_utf8(clear.expose()).map_err(|_| NoCursor::Unreadable)?;
    let (made_for, place) = clear.split_once(' ').ok_or(NoCursor::Unreadable)?;
    if made_for == mark(app, question) { Ok(place.to_owned()) } else { Err(NoCursor::OfAnother) }
}

fn mark(app: &App, question: &[&str]) -> String {
    app.keyring.short_digest(PURPOSE, question)
}
