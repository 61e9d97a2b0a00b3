//! Applications in their own name count like roles: a table makes none of them nearly as wide as the city.

use super::{house_of_two_agencies, signed_in};
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata};
use danang_sso::domain::oauth::scope::Scopes;
use danang_sso::services::client_api;
use danang_sso::services::clients::{self, Registration};

#[tokio::test]
async fn a_table_makes_no_application_nearly_as_wide_as_the_city() {
    let house = house_of_two_agencies(6).await;
    let registration = Registration {
        name: "Kho nhân sự".to_owned(),
        kind: ClientKind::Web,
        redirect_uris: vec!["https://kho.danang.example/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        home: None,
        scopes: Scopes::parse("openid"),
        legacy: false,
        id_token_claims: false,
        backchannel_logout_uri: None,
        metadata: Metadata::default(),
    };
    let one = clients::register(&house.app, Actor::CommandLine, &registration).await.expect("registered");
    let client_id = one.client.client_id.as_str();
    let mut lan = signed_in(&house, "lan").await;
    let mut look = async |text: &str| {
        let fields = [("table", "agencies"), ("text", text)];
        lan.post_from("/import?table=agencies", "/import/preview", &fields).await
    };
    let below = "code,name,parent\nso-khcn,Sở Khoa học và Công nghệ,so-nv\n";
    look(below).await.shows("name=\"mark\"");
    let reach = Some(ApiReach::Agency("so-nv".to_owned()));
    client_api::set(&house.app, Actor::CommandLine, client_id, &[ApiScope::AccountsReset], reach)
        .await
        .expect("given");
    let refused = look(below).await;
    refused.shows("Quyền riêng của ứng dụng Kho nhân sự").shows("phạm vi quá rộng").hides("name=\"mark\"");
}
