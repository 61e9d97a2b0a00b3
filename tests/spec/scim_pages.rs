//! Pages of SCIM by cursors (RFC 9865), and what is not there or not done (RFC 7644 §3.12).

use crate::rp::form;
use crate::scim::{Client, city, names, refusal};
use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use danang_sso::domain::account::LockReason;
use danang_sso::domain::audit::Actor;
use danang_sso::services::lock;
use serde_json::{Value, json as value};

#[tokio::test]
async fn a_walk_by_cursors_misses_nobody_though_somebody_leaves_the_answers_rfc9865_2() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let active = form([("filter", "active eq true")]);
    let first = client.ok(&format!("/Users?{active}&cursor&count=2")).await;
    assert_eq!((&first["totalResults"], &first["itemsPerPage"]), (&value!(3), &value!(2)));
    assert_eq!(first.get("startIndex"), None);
    let next = first["nextCursor"].as_str().expect("a cursor").to_owned();
    assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{next}");
    let gone = first["Resources"][0]["userName"].as_str().and_then(|name| name.split('@').next());
    let gone = house.account(gone.expect("a name")).await;
    lock::enforce(&house.app, &gone, LockReason::PasswordTooOld, Actor::Job("test")).await.expect("locked");
    // RFC 7644 §3.4.2.4: by numbers, whoever is found no more moves all that follow.
    let numbered = client.ok(&format!("/Users?{active}&startIndex=3&count=2")).await;
    assert_eq!((&numbered["totalResults"], &numbered["itemsPerPage"]), (&value!(2), &value!(0)));
    let last = client.ok(&format!("/Users?{active}&cursor={next}&count=2")).await;
    assert_eq!((&last["totalResults"], last.get("nextCursor")), (&value!(2), None));
    let mut met = [names(&first), names(&last)].concat();
    met.sort();
    assert_eq!(met, ["an", "chi", "dung"]);
}

#[tokio::test]
async fn groups_are_walked_by_cursors_in_the_order_of_their_ids_rfc9865_2() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let (mut met, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = client.ok(&format!("/Groups?count=1&cursor={cursor}")).await;
        assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&value!(3), &value!(1)));
        met.push(page["Resources"][0]["id"].as_str().expect("an id").to_owned());
        let Some(next) = page["nextCursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    assert_eq!(met, ["agency:so-khcn", "agency:so-nv", "group:to-cds"]);
    let all = client.ok("/Groups?cursor=").await;
    assert_eq!((&all["itemsPerPage"], all.get("nextCursor")), (&value!(3), None));
}

#[tokio::test]
async fn a_cursor_of_another_question_and_a_count_of_nothing_are_refused_rfc9865_2_1() {
    let house = city().await;
    let (mut client, mut other) = (Client::city(&house).await, Client::city(&house).await);
    let page = client.ok("/Users?cursor&count=1").await;
    let cursor = page["nextCursor"].as_str().expect("a cursor");
    assert_eq!(client.ok(&format!("/Users?cursor={cursor}")).await["itemsPerPage"], 3);
    let same = format!("/Users?cursor={cursor}&count=1");
    let narrowed = format!("{same}&{}", form([("filter", "active eq true")]));
    for path in [narrowed, format!("/Groups?cursor={cursor}"), "/Users?cursor=x".to_owned()] {
        assert_eq!(refusal(&client.get(&path).await), (400, "invalidCursor".to_owned()), "{path}");
    }
    assert_eq!(refusal(&other.get(&same).await), (400, "invalidCursor".to_owned()));
    let nothing = client.get("/Users?cursor&count=0").await;
    assert_eq!(refusal(&nothing), (400, "invalidCount".to_owned()));
    let config = client.ok("/ServiceProviderConfig").await;
    let expected = value!({
        "cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100,
        "maxPageSize": 200,
    });
    assert_eq!(config["pagination"], expected);
}

#[tokio::test]
async fn what_is_not_done_is_501_and_a_name_that_cannot_be_read_is_404_rfc7644_3_12() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    for path in ["/Users/%FF", "/Groups/%FF", "/Schemas/%FF", "/ResourceTypes/%FF", "/Khong/co"] {
        assert_eq!(refusal(&client.get(path).await), (404, String::new()), "{path}");
    }
    assert_eq!(refusal(&client.get("/Me").await).0, 501);
    for (method, path) in
        [("POST", "/Bulk"), ("POST", "/.search"), ("POST", "/Users/.search"), ("DELETE", "/Users/x")]
    {
        let request = Request::builder().method(method).uri(format!("/scim/v2{path}"));
        let request = request.header(AUTHORIZATION, format!("Bearer {}", client.api.token));
        let answer = client.browser.send(request, Body::from("{}")).await;
        assert_eq!(refusal(&answer).0, 501, "{method} {path}");
    }
    // HEAD is GET without its text (RFC 9110 §9.3.2).
    let request = Request::head("/scim/v2/Users");
    let request = request.header(AUTHORIZATION, format!("Bearer {}", client.api.token));
    let answer = client.browser.send(request, Body::empty()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(answer.headers["content-type"], "application/scim+json");
}

#[tokio::test]
async fn schemas_say_what_each_attribute_is_and_what_is_not_narrowed_says_so_rfc7643_7_rfc7644_4() {
    let house = city().await;
    let mut client = Client::city(&house).await;
    let (schemas, types) = (client.ok("/Schemas").await, client.ok("/ResourceTypes").await);
    let resources = |list: &Value| list["Resources"].as_array().expect("resources").clone();
    let mut parts = [resources(&schemas), resources(&types)].concat();
    assert_eq!(parts.len(), 5);
    while let Some(one) = parts.pop() {
        assert!(one["description"].as_str().is_some_and(|says| says.ends_with('.')), "{one}");
        for below in ["attributes", "subAttributes"] {
            parts.extend(one[below].as_array().into_iter().flatten().cloned());
        }
    }
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        let answer = client.get(&format!("{path}?{}", form([("filter", "id pr")]))).await;
        assert_eq!(refusal(&answer).0, 403, "{path}");
    }
    for path in ["/Users?filter=", "/Groups?filter"] {
        assert_eq!(refusal(&client.get(path).await), (400, "invalidFilter".to_owned()), "{path}");
    }
}
