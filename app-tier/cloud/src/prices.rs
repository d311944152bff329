//! AWS's price list of desktops. It is told in a few regions only, for all of them, and asking costs nothing.

use aws_sdk_pricing::types::{Filter, FilterType};
use domain::prices::{
    Sku,
    product::{Read, read},
};

use crate::{Api, CloudError, Session, paging::TokenGuard};

/// Where `GetProducts` is answered.
pub const PRICE_LIST_REGION: &str = "us-east-1";

const PRODUCTS_PER_PAGE: i32 = 100;

impl Session {
    /// The prices of desktops in `region`. The session has to be in [`PRICE_LIST_REGION`]. What cannot be read is logged
    /// and left out: a price that is not known is missing, not wrong.
    ///
    /// # Errors
    /// When AWS does not answer, or repeats a page.
    pub async fn prices(&self, region: &str) -> Result<Vec<Sku>, CloudError> {
        let filters: Vec<_> = [("regionCode", region), ("resourceType", "Hardware")]
            .into_iter()
            .filter_map(|(field, value)| {
                Filter::builder().r#type(FilterType::TermMatch).field(field).value(value).build().ok()
            })
            .collect();
        let mut guard = TokenGuard::new(Api::PRICES);
        let (mut skus, mut token) = (Vec::new(), None);
        loop {
            let page = self
                .call(Api::PRICES, || {
                    let call = self.clients.pricing.get_products();
                    call.service_code("AmazonWorkSpaces")
                        .set_filters(Some(filters.clone()))
                        .max_results(PRODUCTS_PER_PAGE)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            for product in page.price_list.unwrap_or_default() {
                match read(&product) {
                    Ok(Read::Sku(sku)) => skus.push(sku),
                    Ok(Read::PassedOver(_)) => {}
                    Err(error) => tracing::warn!(region, %error, "A line of the price list cannot be read"),
                }
            }
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(skus);
            }
            guard.pass(token.as_deref())?;
        }
    }
}
