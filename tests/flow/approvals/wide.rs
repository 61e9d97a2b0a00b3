//! Applications in their own name count like roles: a table makes none of them nearly as wide as the city.

use super::{house_of_two_agencies, signed_in};
use crate::application_api::registered;
use danang_sso::domain::admin::ApiScope;
use danang_sso::domain::audit::Actor;
use danang_sso::domain::oauth::client::ClientKind;
use danang_sso::domain::oauth::metadata::{ApiReach, Metadata};
use danang_sso::services::client_api;

#[tokio::test]
async fn a_table_makes_no_application_nearly_as_wide_as_the_city() {
    let house = house_of_two_agencies(6).await;
    let kind = (ClientKind::Web, "Kho nhân sự");
    let one = registered(&house, kind, Metadata::default()).await;
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
