//! The interface described by itself: OpenAPI 3.1, made from the table of routes and from the types that are answered. What
//! is not in the table is not in the document, and what is in neither has no handler.

use super::acts::KEY;
use super::paging;
use super::problem::Told;
use super::routes::{ApiRoute, Shape, routes};
use crate::app::App;
use crate::domain::admin::ApiScope;
use crate::urls;
use axum::extract::State;
use axum::response::Response;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{
    ClientCredentials, Flow, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, Required, ResponseBuilder,
    Server,
};

/// The name of the security scheme.
const SCHEME: &str = "clientCredentials";

/// The document.
pub(super) async fn show(State(app): State<App>) -> Response {
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
    let ok = ResponseBuilder::new()
        .description("Done.")
        .content("application/json", ContentBuilder::new().schema(Some(refer(&route.answer))).build());
    let refused = ResponseBuilder::new()
        .description("A problem (RFC 9457).")
        .content("application/problem+json", ContentBuilder::new().schema(Some(refer(problem))).build());
    let body = route.body.as_ref().map(|shape| {
        let content = ContentBuilder::new().schema(Some(refer(shape))).build();
        RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build()
    });
    OperationBuilder::new()
        .operation_id(Some(name(route)))
        .summary(Some(route.summary.1))
        .parameters(Some(parameters(route)))
        .request_body(body)
        .response("200", ok.build())
        .response("default", refused.build())
        .security(SecurityRequirement::new(SCHEME, [route.scope.code()]))
        .build()
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
    if route.body.is_some() {
        all.push(parameter("If-Match", "The ETag of the account as it was seen", ParameterIn::Header));
        let once = "The same request under the same key gets the same answer for a day";
        all.push(parameter(KEY.as_str(), once, ParameterIn::Header));
    }
    all.extend(route.query.iter().map(|(name, told)| parameter(name, told, ParameterIn::Query)));
    all
}

fn parameter(name: &str, told: &str, place: ParameterIn) -> Parameter {
    let required = if matches!(place, ParameterIn::Query) { Required::False } else { Required::True };
    ParameterBuilder::new()
        .name(name)
        .description(Some(told))
        .parameter_in(place)
        .required(required)
        .schema(Some(ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build()))
        .build()
}

fn refer(shape: &Shape) -> Ref {
    Ref::from_schema_name(shape.name.as_str())
}
