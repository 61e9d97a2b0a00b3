//! The letters we sent: every one, for comparison with what lies in the mailbox. Also open to somebody who must change
//! the password first: they have just been written to.

use crate::app::App;
use crate::domain::mail::Stage;
use crate::http::{Failure, Frame, SignedIn};
use crate::i18n::Lang;
use crate::services::letters::{self, Kept};
use crate::urls;
use crate::web::{html, query_of};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

/// One letter.
struct LetterView {
    id: String,
    subject: String,
    when: String,
    to: String,
    badge: &'static str,
    stage: &'static str,
    paragraphs: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "portal/letters.html")]
struct LettersPage {
    t: Lang,
    page: Frame,
    letters: Vec<LetterView>,
    older: Option<String>,
}

/// Shows them, newest first.
pub(in crate::web) async fn show(
    State(app): State<App>,
    signed: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query_of(query)?;
    let t = signed.visitor.lang;
    let before = query.get("before").map(str::parse).transpose().map_err(|_| Failure::NotFound)?;
    let mine = letters::own(&app, &signed.current, before).await?;
    html(&LettersPage {
        t,
        page: signed.frame(&app).await?,
        letters: mine.letters.iter().map(|letter| view(t, letter)).collect(),
        older: mine.next.map(|id| format!("{}?before={id}", urls::LETTERS)),
    })
}

fn view(t: Lang, kept: &Kept) -> LetterView {
    let when = match kept.sent_at {
        Some(at) => t.letter_sent_at(&t.moment(at.local())),
        None => t.letter_written_at(&t.moment(kept.written_at.local())),
    };
    LetterView {
        id: kept.id.to_string(),
        subject: kept.letter.subject().to_owned(),
        when,
        to: t.letter_to(kept.letter.to().as_str()),
        badge: badge(kept.stage),
        stage: t.letter_stage(kept.stage),
        paragraphs: kept.letter.body().split("\n\n").map(lines).collect(),
    }
}

/// The lines of a paragraph, as they were before they were made short for the mail.
fn lines(paragraph: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in paragraph.lines() {
        match lines.last_mut() {
            Some(last) if !line.starts_with("- ") => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// The class of a stage's badge.
pub(in crate::web) const fn badge(stage: Stage) -> &'static str {
    match stage {
        Stage::Sent => "is-ok",
        Stage::Waiting => "is-info",
        Stage::Failed => "is-danger",
        Stage::Withdrawn => "is-off",
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn the_short_lines_of_a_letter_become_one_and_a_list_stays_a_list() {
        assert_eq!(lines("Kính gửi\nÔng An"), ["Kính gửi Ông An"]);
        assert_eq!(
            lines("Cách tính:\n- thứ Hai, nghỉ\nkhông tính\n- thứ Ba"),
            ["Cách tính:", "- thứ Hai, nghỉ không tính", "- thứ Ba"]
        );
    }
}
