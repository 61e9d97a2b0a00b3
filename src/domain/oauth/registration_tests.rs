use super::*;
use proptest::prelude::*;

fn wanted(changes: &Value) -> Result<Wanted, BadRegistration> {
    let mut document = json!({ "redirect_uris": ["https://app.example/cb"], "client_name": "App" });
    for (name, value) in changes.as_object().expect("an object") {
        document[name] = value.clone();
    }
    read(document.as_object().expect("an object"))
}

fn refused(changes: &Value) -> Code {
    wanted(changes).expect_err("refused").code
}

#[test]
fn the_defaults_are_those_of_the_specifications() {
    let wanted = wanted(&json!({})).expect("good");
    assert_eq!(wanted.metadata.token_endpoint_auth_method, Some(AuthMethod::ClientSecretBasic));
    assert_eq!(wanted.metadata.response_types, ["code"]);
    assert_eq!(wanted.metadata.grant_types, ["authorization_code"]);
    assert_eq!((wanted.kind, wanted.scopes), (ClientKind::Web, Scopes::all()));
    let nameless = read(json!({ "redirect_uris": ["https://app.example/cb"] }).as_object().expect("one"));
    assert_eq!(nameless.expect("good").name, "app.example");
}

#[test]
fn what_only_the_city_sets_is_not_taken_from_an_application() {
    let asked =
        json!({ "profile": "fapi2", "sealed_secret": "x", "self_registered": false, "sub_is_address": true });
    let metadata = wanted(&asked).expect("good").metadata;
    assert_eq!(metadata, wanted(&json!({})).expect("good").metadata);
}

#[test]
fn an_address_that_cannot_be_is_refused_by_its_own_word() {
    for bad in [
        json!(["https://app.example/cb#x"]),
        json!(["http://app.example/cb"]),
        json!(["javascript:alert(1)"]),
        json!([]),
        Value::Null,
    ] {
        assert_eq!(refused(&json!({ "redirect_uris": bad })), Code::InvalidRedirectUri, "{bad}");
    }
    for bad in [
        json!({ "redirect_uris": "https://app.example/cb" }),
        json!({ "redirect_uris": vec!["https://app.example/cb"; 51] }),
        json!({ "initiate_login_uri": "http://localhost/start" }),
        json!({ "logo_uri": "http://app.example/logo.png" }),
        json!({ "policy_uri": "javascript:alert(1)" }),
        json!({ "contacts": [1] }),
        json!({ "token_endpoint_auth_method": "kerberos" }),
        json!({ "id_token_signed_response_alg": "none" }),
        json!({ "userinfo_encrypted_response_alg": "RSA-OAEP" }),
        json!({ "application_type": "desktop" }),
        json!({ "request_uris": ["http://app.example/r"] }),
    ] {
        assert_eq!(refused(&bad), Code::InvalidClientMetadata, "{bad}");
    }
}

#[test]
fn response_types_and_grant_types_go_together_in_any_order_of_words() {
    let hybrid = json!({ "response_types": ["token id_token code"], "grant_types": ["implicit", "authorization_code"] });
    assert_eq!(wanted(&hybrid).expect("good").metadata.response_types, ["code id_token token"]);
    let alone = wanted(&json!({ "response_types": ["id_token"] })).expect("good");
    assert_eq!(alone.metadata.grant_types, ["implicit"]);
    for bad in [
        json!({ "response_types": ["token"] }),
        json!({ "response_types": ["code id_token"], "grant_types": ["authorization_code"] }),
        json!({ "grant_types": ["authorization_code", "password"] }),
        json!({ "response_types": ["code"], "grant_types": ["implicit"] }),
    ] {
        assert_eq!(refused(&bad), Code::InvalidClientMetadata, "{bad}");
    }
    let service = json!({ "grant_types": ["client_credentials"], "redirect_uris": [] });
    assert!(wanted(&service).is_ok(), "a service has no browser");
}

#[test]
fn a_pairwise_subject_needs_one_sector() {
    let two = json!(["https://a.example/cb", "https://b.example/cb"]);
    assert!(wanted(&json!({ "subject_type": "pairwise" })).is_ok());
    assert_eq!(
        refused(&json!({ "subject_type": "pairwise", "redirect_uris": two })),
        Code::InvalidClientMetadata
    );
    let listed = json!({
        "subject_type": "pairwise", "redirect_uris": two, "sector_identifier_uri": "https://a.example/sector.json",
    });
    assert!(wanted(&listed).is_ok());
    assert_eq!(refused(&json!({ "subject_type": "private" })), Code::InvalidClientMetadata);
}

#[test]
fn what_the_city_set_stays_when_an_application_changes_its_registration() {
    let city = Metadata {
        sub_is_address: true,
        self_registered: true,
        policy_uri: Some("https://app.example/old".to_owned()),
        ..Metadata::default()
    };
    let asked = wanted(&json!({ "tos_uri": "https://app.example/tos" })).expect("good").metadata;
    let both = within(&city, &asked);
    assert!(both.sub_is_address && both.self_registered);
    assert_eq!((both.policy_uri, both.tos_uri), (None, asked.tos_uri));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("https://app.example/cb")),
        Just(json!("code")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,10}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_registration_is_read_or_refused_in_the_allowed_characters(
        name in prop::sample::select([OWN, &["redirect_uris", "client_name", "scope", "application_type"]].concat()),
        value in any_json(),
    ) {
        if let Err(bad) = wanted(&json!({ name: value })) {
            prop_assert!(bad.description.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)));
        }
    }
}
