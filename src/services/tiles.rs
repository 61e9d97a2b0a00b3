//! The applications that are for a person, as the portal shows them: the last used ones, then all by category.

use super::{Internal, acting, audience, logos};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::id::ClientRowId;
use crate::domain::name;
use crate::domain::oauth::client::Client;
use crate::domain::timestamp::Timestamp;
use crate::services::session::Current;
use crate::storage::{clients, grants};
use std::cmp::Reverse;
use std::collections::HashMap;
use url::Url;

/// So many of the last used ones stand on top.
const RECENT: usize = 4;

/// As many as this need no headings: all stand together, the last used first.
const FEW: usize = 9;

/// The logos of a page are no longer than this together, as text: with them it stays below what a page may weigh.
const LOGOS: usize = 40_000;

/// An application to be led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Its name in the protocol.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// Where the tile leads: where its sign-in begins (OIDC Core §4), or its start page.
    pub address: String,
    /// Its logo as a `data:` address: no page asks for twenty pictures.
    pub logo: Option<String>,
    /// When the person last used it.
    pub last_used_at: Option<Timestamp>,
    /// The mailboxes for which only they may enter it, by their names; none where it is for the person themselves.
    pub on_behalf: Vec<String>,
}

/// Tiles under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The heading; `None` for those without one, which come last.
    pub category: Option<String>,
    /// By name.
    pub tiles: Vec<Tile>,
}

/// What the portal shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles {
    /// The last used ones, the newest first; none while somebody searches, or where there are few anyway.
    pub recent: Vec<Tile>,
    /// All of them, or those whose name, heading or mailbox has what is searched for; few are one group without a heading.
    pub groups: Vec<Group>,
    /// How many are for the person, whatever is searched for.
    pub total: usize,
}

/// The applications that are for the holder of a session, or for a mailbox for which they act.
pub async fn of(app: &App, current: &Current, search: &str) -> Result<Tiles, Internal> {
    let known = grants::uses(&app.db, current.account.id()).await?;
    let mut last: HashMap<String, Timestamp> =
        known.into_iter().map(|one| (one.client_id, Timestamp::from_micros(one.last_used_at))).collect();
    let mailboxes = acting::open_mailboxes(app, current).await?;
    if !mailboxes.is_empty() {
        for one in grants::acting(&app.db, current.account.id(), app.now()).await? {
            let at = last.entry(one.client_id).or_insert(one.last_at);
            *at = one.last_at.max(*at);
        }
    }
    let logos = logos::small(app).await?;
    let mut found = Vec::new();
    for client in clients::shown(&app.db).await? {
        let Some(on_behalf) = admitted(app, &client, current, &mailboxes).await? else { continue };
        if let Some(tile) = tile(app, &client, &last, &logos) {
            found.push((client.metadata.category.clone(), Tile { on_behalf, ..tile }));
        }
    }
    let total = found.len();
    let key = name::search_key(search);
    let are_few = total <= FEW;
    let mut recent = if key.is_empty() && !are_few { recent(&found) } else { Vec::new() };
    found.retain(|(category, tile)| {
        let (of, behalf) = (category.as_deref().unwrap_or_default(), tile.on_behalf.join(" "));
        let words = format!("{} {of} {behalf}", tile.name);
        name::search_key(&words).contains(&key)
    });
    let mut groups = if are_few { together(found) } else { groups(found) };
    fit(recent.iter_mut().chain(groups.iter_mut().flat_map(|group| &mut group.tiles)));
    Ok(Tiles { recent, groups, total })
}

/// For which mailboxes a person comes to an application: for none where it is for themselves; `None` where it is for
/// neither them nor any mailbox of theirs. As whom they go on, they are asked there.
async fn admitted(
    app: &App,
    client: &Client,
    current: &Current,
    mailboxes: &[Account],
) -> Result<Option<Vec<String>>, Internal> {
    if audience::admits(app, client, &current.account).await? {
        return Ok(Some(Vec::new()));
    }
    let mut names = Vec::new();
    for mailbox in mailboxes {
        if audience::admits(app, client, mailbox).await? {
            names.push(mailbox.profile().display_name.clone());
        }
    }
    Ok((!names.is_empty()).then_some(names))
}

/// Leaves out the logos that are too much, those above first kept.
fn fit<'a>(tiles: impl Iterator<Item = &'a mut Tile>) {
    let mut room = LOGOS;
    for tile in tiles {
        match tile.logo.as_ref().map(String::len) {
            Some(length) if length <= room => room -= length,
            _ => tile.logo = None,
        }
    }
}

fn recent(found: &[(Option<String>, Tile)]) -> Vec<Tile> {
    let mut recent: Vec<_> =
        found.iter().map(|(_, tile)| tile).filter(|tile| tile.last_used_at.is_some()).cloned().collect();
    recent.sort_by_key(|tile| Reverse(tile.last_used_at));
    recent.truncate(RECENT);
    recent
}

/// One group: the last used first, the others by their names.
fn together(found: Vec<(Option<String>, Tile)>) -> Vec<Group> {
    let mut groups = groups(found.into_iter().map(|(_, tile)| (None, tile)).collect());
    for group in &mut groups {
        group.tiles.sort_by_key(|tile| Reverse(tile.last_used_at));
    }
    groups
}

fn groups(found: Vec<(Option<String>, Tile)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (category, tile) in found {
        match groups.iter_mut().find(|group| group.category == category) {
            Some(group) => group.tiles.push(tile),
            None => groups.push(Group { category, tiles: vec![tile] }),
        }
    }
    for group in &mut groups {
        group.tiles.sort_by_cached_key(|tile| name::search_key(&tile.name));
    }
    groups.sort_by_cached_key(|group| {
        (group.category.is_none(), name::search_key(group.category.as_deref().unwrap_or_default()))
    });
    groups
}

fn tile(
    app: &App,
    client: &Client,
    last: &HashMap<String, Timestamp>,
    logos: &HashMap<ClientRowId, (String, String)>,
) -> Option<Tile> {
    let begin = client.metadata.initiate_login_uri.as_deref();
    let address = match begin {
        Some(begin) => with_issuer(begin, app.config.server.issuer())?,
        None => client.home.clone()?,
    };
    let registered = client.metadata.logo_uri.as_ref();
    let logo = logos.get(&client.id).filter(|(read_from, _)| registered == Some(read_from));
    Some(Tile {
        client_id: client.client_id.to_string(),
        name: client.name.clone(),
        address,
        logo: logo.map(|(_, data)| data.clone()),
        last_used_at: last.get(client.client_id.as_str()).copied(),
        on_behalf: Vec::new(),
    })
}

/// OIDC Core §4: with `iss`. Who the person is, it learns when they sign in and not before.
fn with_issuer(begin: &str, issuer: &str) -> Option<String> {
    let mut url = Url::parse(begin).ok()?;
    url.query_pairs_mut().append_pair("iss", issuer);
    Some(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, used: Option<i64>) -> Tile {
        Tile {
            client_id: name.to_owned(),
            name: name.to_owned(),
            address: String::new(),
            logo: None,
            last_used_at: used.map(Timestamp::from_seconds),
            on_behalf: Vec::new(),
        }
    }

    #[test]
    fn headings_are_in_vietnamese_order_and_what_has_none_comes_last() {
        let found = vec![
            (None, one("Khác", None)),
            (Some("Văn bản".to_owned()), one("Zalo", None)),
            (Some("Đào tạo".to_owned()), one("B", None)),
            (Some("Văn bản".to_owned()), one("Ánh", None)),
        ];
        let groups = groups(found);
        let headings: Vec<_> = groups.iter().map(|group| group.category.as_deref()).collect();
        assert_eq!(headings, [Some("Đào tạo"), Some("Văn bản"), None]);
        let names: Vec<_> = groups[1].tiles.iter().map(|tile| tile.name.as_str()).collect();
        assert_eq!(names, ["Ánh", "Zalo"]);
    }

    #[test]
    fn the_last_used_come_first_and_are_four_at_most() {
        let found: Vec<_> = (1..=6).map(|n| (None, one(&n.to_string(), (n > 1).then_some(n)))).collect();
        let names: Vec<_> = recent(&found).into_iter().map(|tile| tile.name).collect();
        assert_eq!(names, ["6", "5", "4", "3"]);
    }

    #[test]
    fn few_stand_together_the_last_used_first_and_then_by_name() {
        let found = vec![
            (Some("Đào tạo".to_owned()), one("B", None)),
            (None, one("C", Some(1))),
            (Some("Văn bản".to_owned()), one("A", None)),
            (None, one("D", Some(2))),
        ];
        let groups = together(found);
        assert!(matches!(&groups[..], [only] if only.category.is_none()), "{groups:?}");
        let names: Vec<_> = groups[0].tiles.iter().map(|tile| tile.name.as_str()).collect();
        assert_eq!(names, ["D", "C", "A", "B"]);
        assert!(together(Vec::new()).is_empty());
    }

    #[test]
    fn logos_are_shown_from_above_as_long_as_they_fit() {
        let mut tiles: Vec<_> = ["a", "b", "c", "d"].map(|name| one(name, None)).into();
        for (tile, length) in tiles.iter_mut().zip([30_000, 10_001, 10_000, 1]) {
            tile.logo = Some("x".repeat(length));
        }
        fit(tiles.iter_mut());
        let shown: Vec<_> = tiles.iter().map(|tile| tile.logo.is_some()).collect();
        assert_eq!(shown, [true, false, true, false]);
    }

    #[test]
    fn a_sign_in_that_begins_here_names_the_issuer_and_keeps_its_own_query() {
        let address = with_issuer("https://vp.example/start?x=1", "https://id.example").expect("an address");
        assert_eq!(address, "https://vp.example/start?x=1&iss=https%3A%2F%2Fid.example");
        assert_eq!(with_issuer("no address", "https://id.example"), None);
    }
}
