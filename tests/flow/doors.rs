//! What the doors have beside the table of the console, as the sources list it: a router does not tell its routes.

const URLS: &str = include_str!("../../src/urls.rs");
const WEB: &str = include_str!("../../src/web/mod.rs");
const PROTOCOL: &str = include_str!("../../src/oidc/mod.rs");

/// A route.
#[derive(Debug)]
pub struct Route {
    /// The name of its path in `urls`.
    pub name: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Whether it is read.
    pub is_page: bool,
    /// Whether a form is sent to it.
    pub is_form: bool,
}

/// Sign-in, password and portal: what the staff's door has of `web`.
pub fn of_the_staff() -> Vec<Route> {
    let (staff, rest) = WEB.split_once("pub fn admin()").expect("the routes of the administration");
    assert!(rest.contains("fn shared()"), "what both doors have comes last");
    let mut all = read(staff);
    all.extend(of_both());
    all
}

/// What both doors have.
pub fn of_both() -> Vec<Route> {
    let (_, shared) = WEB.split_once("fn shared()").expect("what both doors have");
    read(shared)
}

/// What the administration has of its own beside the console.
pub fn of_the_administration() -> Vec<Route> {
    let (_, admin) = WEB.split_once("pub fn admin()").expect("the routes of the administration");
    read(admin.split_once("fn shared()").expect("what both doors have").0)
}

/// The protocol, at the staff's door.
pub fn of_the_protocol() -> Vec<Route> {
    let (_, routes) = PROTOCOL.split_once("\nfn routes(").expect("the routes of the protocol");
    read(routes)
}

fn read(source: &'static str) -> Vec<Route> {
    let route = |rest: &'static str| {
        let (name, handlers) = inside(rest).split_once(',').expect("a path, and who answers");
        let name = name.trim().strip_prefix("urls::").expect("a path of `urls`");
        let (is_page, is_form) = (handlers.contains("get("), handlers.contains("post("));
        Route { name, path: path_of(name), is_page, is_form }
    };
    source.split(".route(").skip(1).map(route).collect()
}

/// What stands before the bracket that closes.
fn inside(rest: &'static str) -> &'static str {
    let mut depth = 1;
    let end = rest.find(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &rest[..end.expect("a bracket that closes")]
}

fn path_of(name: &str) -> &'static str {
    let front = format!("pub const {name}: &str = \"");
    let (_, rest) = URLS.split_once(front.as_str()).unwrap_or_else(|| panic!("urls.rs has no {name}"));
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn the_sources_are_read_to_the_end() {
    for (routes, least, known) in [
        (of_the_staff(), 40, "/report"),
        (of_both(), 8, "/sign-in"),
        (of_the_administration(), 1, "/break-glass"),
        (of_the_protocol(), 18, "/authorize/consent"),
    ] {
        assert!(routes.len() >= least, "{routes:?}");
        let found = routes.iter().find(|route| route.path == known);
        assert!(found.is_some_and(|route| route.is_page && route.is_form), "{known} in {routes:?}");
    }
    let all = WEB.matches(".route(").count();
    assert_eq!(of_the_staff().len() + of_the_administration().len(), all, "each of them is read");
}
