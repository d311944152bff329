//! Every operation against everybody who may not.

use std::collections::BTreeSet;

use contract::auth::Role;
use reqwest::Method;
use server::{openapi, routes::OPERATIONS};

use crate::harness::House;

#[tokio::test]
async fn the_table_and_the_document_name_the_same_operations() {
    let document = serde_json::to_value(openapi::document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
        })
        .collect();
    let listed: BTreeSet<(String, String)> =
        OPERATIONS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(described, listed);
}

fn address(path: &str) -> String {
    path.replace("{id}", "1")
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let house = House::open().await;
    let anonymous = house.anonymous();
    for (method, path, permission) in OPERATIONS {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = anonymous.send(method, &address(path), None).await;
        if permission.is_some() {
            answer.expect_problem("unauthenticated").await;
        } else {
            assert!(answer.0.status().as_u16() < 500, "{path}: {}", answer.0.status());
        }
    }
}

#[tokio::test]
async fn nobody_does_what_the_role_does_not_allow() {
    let house = House::open().await;
    let mut refused = 0;
    for role in [Role::Requester, Role::Viewer, Role::Operator] {
        let browser = house.sign_in(role.name()).await;
        for (method, path, permission) in OPERATIONS {
            let Some(permission) = permission.filter(|it| !role.allows(*it)) else { continue };
            let method: Method = method.to_uppercase().parse().unwrap();
            let pointers = browser.send(method, &address(path), None).await.expect_problem("forbidden").await;
            assert!(pointers.is_empty(), "{path} {permission:?}");
            refused += 1;
        }
    }
    assert!(refused > 50, "{refused}");
}
