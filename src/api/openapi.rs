//! The interface described by itself: OpenAPI 3.1, made from the table of routes and from the types that are answered. What
//! is not in the table is not in the document, and what is in neither has no handler.

use super::acts::KEY;
use super::paging::{self, CURSOR};
use super::problem::Told;
use super::refusals;
use super::routes::{ApiRoute, Shape, routes};
use super::words::{AccountKind, AccountLock, AccountState, IncidentStage};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::services::account_list::{Sort, Systems};
use crate::services::api_answers::LONGEST_KEY;
use crate::urls;
use axum::extract::State;
use axum::http::header::IF_NONE_MATCH;
use serde_json::{Value, json};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{
    ClientCredentials, Flow, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Header, HeaderBuilder, InfoBuilder, KnownFormat, OpenApi,
    OpenApiBuilder, Ref, Required, Response, ResponseBuilder, SchemaFormat, Server,
};

/// The name of the security scheme.
const SCHEME: &str = "clientCredentials";

/// The document.
pub(super) async fn show(State(app): State<App>) -> axum::response::Response {
    paging::ok(&document(&app))
}

/// The whole interface.
pub(super) fn document(app: &App) -> OpenApi {
    let server = &app.config.server;
    let problem = Shape::of::<Told>();
    let mut components = ComponentsBuilder::new().schemas_from_iter(problem.parts.clone());
    let mut paths = Paths::new();
    for route in routes() {
        for shape in [Some(&route.answer), route.body.as_ref()].into_iter().flatten() {
            components = components.schemas_from_iter(shape.parts.clone());
        }
        let method = if route.method == "GET" { HttpMethod::Get } else { HttpMethod::Post };
        paths.add_path_operation(route.path, vec![method], operation(&route, &problem));
    }
    let scopes: Scopes = ApiScope::ALL.iter().map(|scope| (scope.code(), scope.told())).collect();
    let flow = ClientCredentials::new(format!("{}{}", server.issuer(), urls::TOKEN), scopes);
    let scheme = SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(flow)]));
    let info = InfoBuilder::new()
        .title("danang-sso")
        .version("1")
        .description(Some("What administrators do, for applications in their own name."));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(server.admin_url.as_str().trim_end_matches('/'))]))
        .paths(paths)
        .components(Some(components.security_scheme(SCHEME, scheme).build()))
        .build()
}

fn operation(route: &ApiRoute, problem: &Shape) -> Operation {
    let body = route.body.as_ref().map(|shape| {
        let content = ContentBuilder::new().schema(Some(refer(shape))).build();
        RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build()
    });
    let mut operation = OperationBuilder::new()
        .operation_id(Some(name(route)))
        .tag(group(route))
        .summary(Some(route.summary.1))
        .parameters(Some(parameters(route)))
        .request_body(body)
        .response("200", done(route));
    if route.path == urls::API_ACCOUNT {
        let same = ResponseBuilder::new().description("The account is as it was: it has that ETag still.");
        operation =
            operation.response("304", same.header("ETag", header("The version of the account")).build());
    }
    for (status, kinds) in refusals::of(route) {
        let mut refused = refused(&refusals::told(&kinds), problem, refusals::example(&kinds));
        if let Some((name, told)) = refusals::header(status) {
            refused = refused.header(name, header(told));
        }
        operation = operation.response(status.to_string(), refused.build());
    }
    operation
        .response("default", refused("A problem (RFC 9457).", problem, None).build())
        .security(SecurityRequirement::new(SCHEME, [route.scope.code()]))
        .build()
}

/// What is answered where nothing is wrong.
fn done(route: &ApiRoute) -> Response {
    let content = ContentBuilder::new().schema(Some(refer(&route.answer))).build();
    let mut done = ResponseBuilder::new().description("Done.").content("application/json", content);
    if route.body.is_some() || route.path == urls::API_ACCOUNT {
        done = done.header("ETag", header("The version of the account; a write names it in If-Match"));
    }
    if route.body.is_some() {
        done = done.header("Idempotency-Replayed", header("`true` where the same answer was given before"));
    }
    if route.query.contains(&CURSOR) {
        done = done.header("Link", header("The address of the next page, with `rel=\"next\"` (RFC 8288)"));
    }
    done.build()
}

fn refused(told: &str, problem: &Shape, example: Option<Value>) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(refer(problem))).example(example).build();
    ResponseBuilder::new().description(told).content("application/problem+json", content)
}

fn header(told: &str) -> Header {
    HeaderBuilder::new().description(Some(told)).build()
}

/// What it is about: `accounts`.
fn group(route: &ApiRoute) -> &'static str {
    route.path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default()
}

/// The name of an operation: `get_accounts_one`, `post_accounts_one_lock`.
fn name(route: &ApiRoute) -> String {
    let path = route
        .path
        .trim_start_matches("/api/v1/")
        .replace("{id}", "one")
        .replace("{year}", "year")
        .replace(['/', '-'], "_");
    format!("{}_{path}", route.method.to_ascii_lowercase())
}

fn parameters(route: &ApiRoute) -> Vec<Parameter> {
    let mut all = Vec::new();
    if route.path.contains("{id}") {
        all.push(parameter(
            "id",
            "Its id in this interface; of an application its client_id",
            ParameterIn::Path,
        ));
    }
    if route.path.contains("{year}") {
        all.push(parameter("year", "A year, such as 2026", ParameterIn::Path));
    }
    if route.path == urls::API_ACCOUNT {
        let told = "Entity tags that are known: 304 if the account has one of them still";
        all.push(parameter(IF_NONE_MATCH.as_str(), told, ParameterIn::Header));
    }
    if route.body.is_some() {
        all.push(parameter("If-Match", "The ETag of the account as it was seen", ParameterIn::Header));
        let once = "The same request under the same key gets the same answer for a day";
        all.push(parameter(KEY.as_str(), once, ParameterIn::Header));
    }
    all.extend(route.query.iter().map(|(name, told)| parameter(name, told, ParameterIn::Query)));
    all
}

fn parameter(name: &str, told: &str, place: ParameterIn) -> Parameter {
    let is_free = matches!(place, ParameterIn::Query) || name == IF_NONE_MATCH.as_str();
    ParameterBuilder::new()
        .name(name)
        .description(Some(told))
        .parameter_in(place)
        .required(if is_free { Required::False } else { Required::True })
        .schema(Some(schema(name)))
        .build()
}

/// What a parameter may say. A name says the same everywhere.
fn schema(name: &str) -> ObjectBuilder {
    let text = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
    let number = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer));
    let one_of = |words: Vec<&'static str>| text().enum_values(Some(words));
    match name {
        "limit" => {
            let bounded = number().minimum(Some(1_usize)).maximum(Some(paging::MOST));
            bounded.default(Some(json!(paging::USUAL)))
        }
        "year" => number(),
        "agency" => text().format(Some(SchemaFormat::Custom("uuid".to_owned()))),
        "since" | "until" => text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))),
        "state" => one_of(AccountState::all()),
        "lock" => one_of(AccountLock::all()),
        "kind" => one_of(AccountKind::all()),
        "stage" => one_of(IncidentStage::all()).default(Some(json!(IncidentStage::all().first()))),
        "system" => one_of(Systems::ALL.map(Systems::code).to_vec()),
        "sort" => one_of(Sort::ALL.map(Sort::code).to_vec()).default(Some(json!(Sort::default().code()))),
        "order" => one_of(vec!["asc", "desc"]).default(Some(json!("asc"))),
        "If-Match" => text().pattern(Some("^\"[0-9]+\"$")).examples([json!("\"7\"")]),
        _ if name == KEY.as_str() => text().min_length(Some(1)).max_length(Some(LONGEST_KEY)),
        _ => text(),
    }
}

fn refer(shape: &Shape) -> Ref {
    Ref::from_schema_name(shape.name.as_str())
}
