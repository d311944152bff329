//! The documentation of what can be asked is the catalog's.

#[test]
fn the_page_of_documentation_is_what_the_catalog_says() {
    let page = std::fs::read_to_string("../../docs/QUESTIONS.md").unwrap();
    assert!(
        page == domain::catalog::guide::markdown(),
        "it is old: cargo run --release -p domain --example guide > docs/QUESTIONS.md"
    );
}
