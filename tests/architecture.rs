//! Holds the floors of the house and the size of its files (docs/architecture.md).

use danang_sso::web::console;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the house, and which rooms each may enter. Composition (`main`, `cli`, `server`, `demo`) may enter all.
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("system", &["domain"]),
    ("urls", &["domain"]),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("crypto", &["domain"]),
    ("i18n", &["domain"]),
    ("storage", &["domain", "crypto"]),
    ("directory", &["domain", "config", "system"]),
    ("outbound", &["domain", "config"]),
    ("mail", &["domain", "config"]),
    ("app", &["domain", "system", "config", "crypto", "storage", "directory", "outbound", "mail"]),
    (
        "services",
        &[
            "domain",
            "system",
            "config",
            "urls",
            "crypto",
            "i18n",
            "storage",
            "directory",
            "outbound",
            "mail",
            "app",
        ],
    ),
    ("http", &["domain", "system", "config", "urls", "crypto", "i18n", "app", "services"]),
    ("oidc", &["domain", "config", "urls", "crypto", "i18n", "app", "services", "http"]),
    ("api", &["domain", "urls", "i18n", "app", "services", "http"]),
    ("web", &["domain", "config", "urls", "crypto", "i18n", "app", "services", "http"]),
    ("jobs", &["domain", "app", "services"]),
];

/// Files that may enter a room that their floor may not, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("src/http/browser.rs", "storage", "the cookie session store"),
    ("src/jobs/mod.rs", "storage", "the job runner's lease"),
];

/// Crates that `domain` may use: values, no IO. serde and its JSON are for texts whose members a specification names.
const PURE: &[&str] = &[
    "std",
    "core",
    "time",
    "uuid",
    "url",
    "serde",
    "serde_json",
    "thiserror",
    "zeroize",
    "serde",
    "serde_json",
    "unicode_normalization",
    "unicode_security",
    "csv",
    // values as JSON: what applications register and ask for
    "serde",
    "serde_json",
    "proptest",
];

const COMPOSITION: &[&str] = &["main", "lib", "cli", "server", "demo"];

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the project").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push(path);
            }
        }
    }
    let mut all = Vec::new();
    walk(Path::new("src"), &mut all);
    all.sort();
    assert!(all.len() > 50, "the walk finds the sources");
    all
}

fn room(path: &Path) -> String {
    let inside = path.strip_prefix("src").expect("a source");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The text without its comments and its inline test module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source is readable");
    let body = text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned();
    body.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The rooms named after `crate::`, also in a group: `crate::{app, config::Config}`.
fn entered(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            rooms.insert(word(rest));
            continue;
        };
        let (mut depth, mut start) = (1, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => start = true,
                c if start && depth == 1 && c.is_alphabetic() => {
                    rooms.insert(word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    rooms
}

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for path in sources() {
        let room = room(&path);
        if COMPOSITION.contains(&room.as_str()) {
            continue;
        }
        let Some((_, may)) = FLOORS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room {room} is on no floor", path.display()));
            continue;
        };
        for entered in entered(&code(&path)) {
            let excepted = EXCEPTIONS.iter().any(|(file, to, _)| path == Path::new(file) && *to == entered);
            let is_room =
                FLOORS.iter().any(|(name, _)| *name == entered) || COMPOSITION.contains(&entered.as_str());
            if is_room && entered != room && !may.contains(&entered.as_str()) && !excepted {
                wrong.push(format!("{} enters {entered}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn the_exceptions_are_still_needed() {
    for (file, to, why) in EXCEPTIONS {
        assert!(entered(&code(Path::new(file))).contains(*to), "{file} does not enter {to} any more ({why})");
    }
}

#[test]
fn the_domain_uses_only_values() {
    let mut wrong = Vec::new();
    for path in sources().into_iter().filter(|path| room(path) == "domain") {
        for line in code(&path).lines() {
            let Some(rest) = line.trim_start().strip_prefix("use ") else { continue };
            let first = rest.split([':', ';', ' ']).next().unwrap_or_default();
            if !["crate", "super", "self"].contains(&first)
                && !PURE.contains(&first)
                && !first.starts_with(char::is_uppercase)
            {
                wrong.push(format!("{}: {line}", path.display()));
            }
        }
    }
    // A `use` of a sibling module (`use password::PasswordRules`) names a room of the domain itself.
    wrong.retain(|line| {
        !Path::new("src/domain/policy")
            .join(line.rsplit("use ").next().unwrap_or_default().split("::").next().unwrap_or_default())
            .with_extension("rs")
            .exists()
    });
    assert!(wrong.is_empty(), "the domain has no window:\n{}", wrong.join("\n"));
}

#[test]
fn a_file_has_one_reason_to_exist_and_at_most_500_lines() {
    let mut wrong = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source is readable");
        let lines = text.split("\n#[cfg(test)]").next().unwrap_or_default().lines().count();
        if lines > 500 {
            wrong.push(format!("{} has {lines} lines before its tests", path.display()));
        }
        let is_tests = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
        if !text.starts_with("//!") && !is_tests {
            wrong.push(format!("{} does not say why it exists", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_unfinished() {
    let marks =
        [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut wrong = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source is readable");
        for (number, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line of the audit that an administrator causes has an actor that `services::rights` gave out, so whatever changes
/// something has asked for a right.
#[test]
fn an_administrator_acts_only_with_a_right() {
    const MAKERS: [&str; 2] = ["src/domain/admin.rs", "src/domain/audit.rs"];
    let mut wrong = Vec::new();
    for path in sources() {
        let (file, text) = (path.display().to_string(), code(&path));
        if text.contains("Actor::Administrator(") && !MAKERS.contains(&file.as_str()) {
            wrong.push(format!("{file} makes the actor of an administrator by itself"));
        }
        if text.contains(".refused()") && file != "src/services/rights.rs" {
            wrong.push(format!("{file} takes the actor of a refusal"));
        }
        if text.contains(".acting(Right")
            || (text.contains("by.acting(right)") && file != "src/services/rights.rs")
        {
            wrong.push(format!("{file} passes services::rights by"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A statement that is in no list is prepared on neither database by the contracts.
#[test]
fn every_file_with_statements_is_in_the_list_that_the_contracts_prepare() {
    let list = code(Path::new("src/storage/mod.rs"));
    let mut wrong = Vec::new();
    for path in below("src/storage", ".rs").into_iter().filter(|path| code(path).contains("\nstatements! {"))
    {
        let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
        if !list.contains(&format!("    {name}::ALL,")) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "not in STATEMENTS of storage/mod.rs: {wrong:?}");
}

/// A route of the console outside of the table of `web::console` would ask for no right.
#[test]
fn every_route_of_the_console_is_in_its_table() {
    let mut wrong = Vec::new();
    for path in sources().into_iter().filter(|path| path.starts_with("src/web")) {
        let file = path.display().to_string();
        if code(&path).contains("admin::") && code(&path).contains(".route(") && file != "src/web/console.rs"
        {
            wrong.push(format!("{file} adds a route of the console"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything below a folder whose name ends so.
fn below(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![PathBuf::from(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("a folder of the project").flatten().map(|entry| entry.path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The names of the attributes in a template: what stands before `=`, unless it is a field of an address.
fn attributes(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
    let name = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end();
        let front = before.trim_end_matches(is_part);
        let name = before[front.len()..].to_ascii_lowercase();
        (!name.is_empty() && !front.ends_with(['?', '&'])).then_some(name)
    };
    text.match_indices('=').filter_map(name).collect()
}

/// A name from a directory may be a script: every value of a page is escaped, and no page has a script, a style or a
/// handler of its own between its lines (the content security policy would not run them either).
#[test]
fn no_template_lets_a_value_through_unescaped_or_has_a_script_of_its_own() {
    let templates = below("templates", ".html");
    assert!(templates.len() > 80, "the walk finds the templates");
    assert_eq!(templates.len(), below("templates", "").len(), "by their ending the values are escaped");
    let mut wrong = Vec::new();
    for path in templates {
        let text = fs::read_to_string(&path).expect("a template is readable");
        let tight: String = text.to_lowercase().split_whitespace().collect();
        let words = ["|safe", "autoescape", "|escape(", "|e(", "javascript:", "<style"];
        for word in words.into_iter().filter(|word| tight.contains(word)) {
            wrong.push(format!("{} has {word}", path.display()));
        }
        for script in text.split("<script").skip(1).filter(|script| !script.starts_with(" src=\"/static/")) {
            wrong.push(format!(
                "{} has the script {}",
                path.display(),
                script.lines().next().unwrap_or_default()
            ));
        }
        for name in attributes(&text).into_iter().filter(|name| name == "style" || name.starts_with("on")) {
            wrong.push(format!("{} has the attribute {name}", path.display()));
        }
    }
    for path in sources() {
        let text = code(&path);
        for line in text.lines().filter(|line| line.contains("#[template(")) {
            if !line.contains("path = \"") || !line.contains(".html\")]") {
                wrong.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
        for word in ["filters::Safe", "MarkupDisplay", "askama::filters"] {
            if text.contains(word) {
                wrong.push(format!("{} has {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is put on a page by a script is text, not markup.
#[test]
fn no_script_writes_markup() {
    let scripts = below("static", ".js");
    assert!(!scripts.is_empty(), "the walk finds the scripts");
    let mut wrong = Vec::new();
    for path in scripts {
        let text = fs::read_to_string(&path).expect("a script is readable");
        for word in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"]
        {
            if text.contains(word) {
                wrong.push(format!("{} has {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The pictures that `make screenshots` copies into the docs.
fn pictures() -> BTreeSet<String> {
    let makefile = fs::read_to_string("Makefile").expect("the Makefile is readable");
    let staff = makefile.lines().find_map(|line| line.strip_prefix("STAFF := ")).expect("the staff's pages");
    let list = makefile.split("\nPICTURES := ").nth(1).and_then(|rest| rest.split("\n\n").next());
    let named = list.expect("the list of pictures").split_whitespace();
    let named = named.filter(|word| !word.contains(['$', '\\'])).map(str::to_owned);
    let ways = ["390-light", "390-dark", "1280-light", "1280-dark"];
    named.chain(staff.split(' ').flat_map(|page| ways.map(|way| format!("{page}-{way}")))).collect()
}

/// A picture that no walk takes any more would show a page of long ago.
#[test]
fn every_picture_of_the_docs_is_taken_by_a_walk() {
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a file of the project is readable");
    let walks: String = below("tests/browser", ".rs").iter().map(read).collect();
    let documents = below("docs", ".md").into_iter().chain([PathBuf::from("README.md")]);
    let documents: String = documents.map(|path| read(&path)).collect();
    let shown = documents.split("images/").skip(1).filter_map(|rest| Some(rest.split_once(".png)")?.0));
    let (shown, taken) = (shown.map(str::to_owned).collect::<BTreeSet<_>>(), pictures());
    assert!(taken.len() > 90, "the list is read: {taken:?}");
    let wrong: Vec<_> = shown.symmetric_difference(&taken).collect();
    assert!(wrong.is_empty(), "only in docs/ or only in PICTURES of the Makefile: {wrong:?}");
    let page = |picture: &str| picture.rsplitn(3, '-').nth(2).unwrap_or_default().to_owned();
    let wrong: Vec<_> =
        taken.iter().filter(|picture| !walks.contains(&format!("\"{}\"", page(picture)))).collect();
    assert!(wrong.is_empty(), "no walk takes these: {wrong:?}");
}

/// Pages that are opened beside the table of the console's routes.
const OUTSIDE_THE_TABLE: [&str; 3] = ["/sign-in", "/break-glass", "/api/v1/docs"];

/// What is saved as a file and looks like nothing: by the end of its address, or by the whole of it.
const SAVED: [&str; 6] = [".csv", ".xlsx", ".jsonl", ".toml", ".zip", "/calendar/export"];

/// The addresses in the first column of the pictures' tables of a document.
fn addresses_with_a_picture(document: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(document).expect("the docs are readable");
    let rows = text.lines().filter(|line| line.starts_with('|') && line.contains("](images/"));
    let words = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|word| word.starts_with('/'));
    words.map(str::to_owned).collect()
}

/// A page without a picture is one that axe-core has not looked at, and that nobody finds in the docs.
#[test]
fn every_page_of_the_console_is_in_its_docs_with_its_address() {
    let routes = console::routes();
    let pages = routes.iter().filter(|route| route.method == "GET").map(|route| route.path);
    let pages = pages.filter(|path| !SAVED.iter().any(|ending| path.ends_with(ending)));
    let pages: BTreeSet<String> = pages.chain(OUTSIDE_THE_TABLE).map(str::to_owned).collect();
    assert!(pages.len() > 45, "the routes are read: {pages:?}");
    let told = addresses_with_a_picture("docs/console.md");
    let wrong: Vec<_> = pages.symmetric_difference(&told).collect();
    assert!(
        wrong.is_empty(),
        "only among the routes or only among the pictures of docs/console.md: {wrong:?}"
    );
}

#[test]
fn every_page_of_the_portal_is_in_its_docs_with_its_address() {
    let (urls, web) = (code(Path::new("src/urls.rs")), code(Path::new("src/web/mod.rs")));
    let address = |name: &str| {
        let rest =
            urls.split(&format!("pub const {name}: &str = \"")).nth(1).expect("an address of the house");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let is_page = |line: &&str| line.contains("get(portal::") || line.contains("get(password::change::show)");
    let names = web.lines().filter(is_page).filter_map(|line| line.split("urls::").nth(1)?.split(',').next());
    let pages: BTreeSet<String> = names.map(address).collect();
    assert!(pages.len() > 8, "the routes are read: {pages:?}");
    let told = addresses_with_a_picture("docs/portal.md");
    let wrong: Vec<_> = pages.symmetric_difference(&told).collect();
    assert!(
        wrong.is_empty(),
        "only among the routes or only among the pictures of docs/portal.md: {wrong:?}"
    );
}
