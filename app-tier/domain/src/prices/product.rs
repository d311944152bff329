//! Products of the AWS Price List (`GetProducts` of `AmazonWorkSpaces`) as SKUs of desktops.
//!
//! The list also holds software, pools, volumes and zero rows of bundles; those are passed over, with the reason. What
//! looks like a desktop's hardware and cannot be read is an error: a pattern of AWS's that changed must not look like a
//! desktop without a price. Names of bundles become AWS's compute types; unknown ones are taken as they come.

use contract::money::{Currency, Money};
use serde::Deserialize;

use super::{Licence, PriceKey, Sku, Unit};

/// One product as `GetProducts` gives it (a JSON text of its own).
#[derive(Debug, Deserialize)]
struct Listed {
    product: Product,
    #[serde(default)]
    terms: Terms,
}

#[derive(Debug, Deserialize)]
struct Product {
    #[serde(default)]
    sku: String,
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attributes {
    region_code: Option<String>,
    bundle: Option<String>,
    storage: Option<String>,
    running_mode: Option<String>,
    operating_system: Option<String>,
    license: Option<String>,
    resource_type: Option<String>,
    #[serde(alias = "usageType", rename = "usagetype")]
    usage_type: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Terms {
    #[serde(rename = "OnDemand", default)]
    on_demand: std::collections::BTreeMap<String, Term>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    #[serde(default)]
    price_dimensions: std::collections::BTreeMap<String, PriceDimension>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceDimension {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    price_per_unit: std::collections::BTreeMap<String, String>,
}

/// What a product of the price list is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// One of a desktop's three prices.
    Sku(Sku),
    /// Not the hardware of a personal desktop, or without a price.
    PassedOver(Why),
}

/// Why a product is none of a desktop's prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Software, or another resource than hardware.
    NotHardware,
    /// A pool, a volume, or anything else that is not billed by a running mode.
    NotPersonal,
    /// A row of zero, which stands for something that is billed elsewhere.
    Free,
}

/// A product that should be a desktop's price and cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the product is not the JSON of a price list's product")]
    Json(#[from] serde_json::Error),
    #[error("product {sku} has no {field} that can be read: {found:?}")]
    Field { sku: String, field: &'static str, found: String },
}

/// Reads one product.
///
/// # Errors
///
/// [`Unreadable`] for what looks like a desktop's hardware but lacks what its price is told by.
pub fn read(json: &str) -> Result<Read, Unreadable> {
    let listed: Listed = serde_json::from_str(json)?;
    let Product { sku, attributes: it } = &listed.product;
    let unreadable =
        |field, found: &str| Unreadable::Field { sku: sku.clone(), field, found: found.to_owned() };
    let text = |it: &Option<String>| it.as_deref().unwrap_or_default().trim().to_owned();

    if !text(&it.resource_type).eq_ignore_ascii_case("hardware") {
        return Ok(Read::PassedOver(Why::NotHardware));
    }
    let usage_type = text(&it.usage_type);
    let Some(unit) = unit(&text(&it.running_mode), &usage_type) else {
        return Ok(Read::PassedOver(Why::NotPersonal));
    };
    let price = || listed.terms.on_demand.values().flat_map(|it| it.price_dimensions.values());
    let expected = if unit == Unit::AutoStopHour { "hour" } else { "month" };
    let dimension =
        price().find(|it| it.unit.to_ascii_lowercase().starts_with(expected)).ok_or_else(|| {
            unreadable("price", &format!("{:?}", price().map(|it| &it.unit).collect::<Vec<_>>()))
        })?;
    let (currency, amount) =
        dimension.price_per_unit.iter().next().ok_or_else(|| unreadable("price", "no currency"))?;
    let price: Money = amount.parse().ok().ok_or_else(|| unreadable("price", amount))?;
    if !price.is_positive() {
        return Ok(Read::PassedOver(Why::Free));
    }

    let bundle = text(&it.bundle);
    let compute_type = match bundle.as_str() {
        "" => of_usage_type(&usage_type).ok_or_else(|| unreadable("bundle", &usage_type))?.to_owned(),
        bundle => compute_type(bundle),
    };
    let storage = text(&it.storage);
    let (root_gib, user_gib) = volumes(&storage).ok_or_else(|| unreadable("storage", &storage))?;
    let licence = text(&it.license);
    let region = text(&it.region_code);
    if region.is_empty() {
        return Err(unreadable("regionCode", ""));
    }
    let system = text(&it.operating_system);
    if system.is_empty() {
        return Err(unreadable("operatingSystem", ""));
    }
    let key = PriceKey {
        region,
        operating_system: operating_system(&system),
        licence: self::licence(&licence).ok_or_else(|| unreadable("license", &licence))?,
        compute_type,
        root_gib,
        user_gib,
    };
    Ok(Read::Sku(Sku { key, unit, price, currency: Currency(currency.clone()) }))
}

/// Which of the three prices it is: AlwaysOn has `…AW-HW-2`, AutoStop `…AutoStop-User` for the month and
/// `…AutoStop-Usage` for the hour.
fn unit(running_mode: &str, usage_type: &str) -> Option<Unit> {
    if usage_type.contains("Pools") {
        return None;
    }
    match running_mode.to_ascii_lowercase().as_str() {
        "alwayson" if !usage_type.contains("AutoStop") => Some(Unit::AlwaysOnMonth),
        "autostop" if usage_type.ends_with("AutoStop-User") => Some(Unit::AutoStopMonth),
        "autostop" if usage_type.ends_with("AutoStop-Usage") => Some(Unit::AutoStopHour),
        _ => None,
    }
}

/// The compute type by the number in `AW-HW-{n}`, for products that do not name their bundle.
fn of_usage_type(usage_type: &str) -> Option<&'static str> {
    let (_, behind) = usage_type.split_once("AW-HW-")?;
    let digits = behind.split(|it: char| !it.is_ascii_digit()).next()?;
    Some(match digits {
        "1" => "VALUE",
        "2" => "STANDARD",
        "3" => "PERFORMANCE",
        "4" => "GRAPHICS",
        "5" => "GRAPHICSPRO",
        "8" => "POWER",
        "19" => "POWERPRO",
        _ => return None,
    })
}

/// AWS's name of a compute type from a bundle's: `PowerPro` → `POWERPRO`, `Graphics.g4dn` → `GRAPHICS_G4DN`,
/// `GeneralPurpose.4xlarge` → `GENERALPURPOSE_4XLARGE`. A name that is one already stays.
#[must_use]
pub fn compute_type(bundle: &str) -> String {
    let name: String = bundle
        .trim()
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' })
        .collect();
    // The names that are two words to people and one to AWS.
    ["POWER_PRO", "GRAPHICS_PRO", "GENERAL_PURPOSE"].iter().fold(name, |name, words| {
        name.strip_prefix(words).map(|rest| words.replace('_', "") + rest).unwrap_or(name.clone())
    })
}

/// The price list's name of an operating system, also from what `DescribeWorkspaces` calls it.
#[must_use]
pub fn operating_system(name: &str) -> String {
    const FAMILIES: [(&str, &str); 7] = [
        ("WINDOWS", "Windows"),
        ("AMAZON", "Amazon Linux"),
        ("UBUNTU", "Ubuntu"),
        ("RHEL", "RHEL"),
        ("RED HAT", "RHEL"),
        ("ROCKY", "Rocky Linux"),
        ("LINUX", "Amazon Linux"),
    ];
    let upper = name.trim().to_ascii_uppercase();
    let family = FAMILIES.iter().find(|(beginning, _)| upper.starts_with(beginning));
    family.map_or_else(|| name.trim().to_owned(), |(_, family)| (*family).to_owned())
}

fn licence(text: &str) -> Option<Licence> {
    match text.to_ascii_lowercase().as_str() {
        "included" | "license included" | "none" | "na" | "n/a" | "no license required" => {
            Some(Licence::Included)
        }
        "byol" | "bring your own license" => Some(Licence::Byol),
        _ => None,
    }
}

/// `Root:80 GB,User:50 GB`
fn volumes(storage: &str) -> Option<(u32, u32)> {
    let (root, user) = storage.split_once(',')?;
    let size = |text: &str, name: &str| {
        let size = text.trim().strip_prefix(name)?.trim();
        size.strip_suffix("GB").or_else(|| size.strip_suffix("GiB"))?.trim().parse().ok()
    };
    Some((size(root, "Root:")?, size(user, "User:")?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn product(changed: Value, unit: &str, price: Value) -> String {
        let mut attributes = json!({
            "regionCode": "eu-west-1", "location": "EU (Ireland)", "bundle": "Standard",
            "storage": "Root:80 GB,User:50 GB", "runningMode": "AlwaysOn", "operatingSystem": "Windows",
            "license": "Included", "resourceType": "Hardware", "usagetype": "EU-AW-HW-2",
        });
        for (name, value) in changed.as_object().unwrap() {
            attributes[name] = value.clone();
        }
        json!({
            "product": {"productFamily": "Enterprise Applications", "sku": "ABC", "attributes": attributes},
            "serviceCode": "AmazonWorkSpaces",
            "terms": {"OnDemand": {"ABC.JRT": {"priceDimensions": {"ABC.JRT.6YS": {
                "unit": unit, "pricePerUnit": price, "description": "…", "rateCode": "ABC.JRT.6YS",
            }}}}},
        })
        .to_string()
    }

    fn sku(changed: Value, unit: &str, price: &str) -> Sku {
        match read(&product(changed, unit, json!({ "USD": price }))) {
            Ok(Read::Sku(it)) => it,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_three_prices_of_a_desktop_are_read() {
        let month = sku(json!({}), "Month", "37.0000000000");
        assert_eq!(
            (month.unit, month.price, month.currency),
            (Unit::AlwaysOnMonth, Money::from_cents(37_00), Currency::usd())
        );
        let key = PriceKey::of_desktop("eu-west-1", "WINDOWS_SERVER_2022", "STANDARD", 80, 50);
        assert_eq!(month.key, key);
        let mode = |usage| json!({"runningMode": "AutoStop", "usagetype": usage});
        let base = sku(mode("EU-AW-HW-2-AutoStop-User"), "Month", "11.0000000000");
        assert_eq!((base.key, base.unit), (key.clone(), Unit::AutoStopMonth));
        let hour = sku(mode("EU-AW-HW-2-AutoStop-Usage"), "Hour", "0.3200000000");
        assert_eq!((hour.key, hour.unit, hour.price), (key, Unit::AutoStopHour, Money::from_cents(32)));
    }

    #[test]
    fn names_become_compute_types() {
        for (bundle, name) in [
            ("Value", "VALUE"),
            ("PowerPro", "POWERPRO"),
            ("Power Pro", "POWERPRO"),
            ("Graphics.g4dn", "GRAPHICS_G4DN"),
            ("GraphicsPro.g4dn", "GRAPHICSPRO_G4DN"),
            ("General Purpose.4xlarge", "GENERALPURPOSE_4XLARGE"),
            ("GENERALPURPOSE_8XLARGE", "GENERALPURPOSE_8XLARGE"),
            ("Quantum X1", "QUANTUM_X1"),
        ] {
            assert_eq!(compute_type(bundle), name);
        }
        for (n, name) in [(8, "POWER"), (19, "POWERPRO"), (1, "VALUE")] {
            let it = json!({"bundle": null, "usagetype": format!("USE1-AW-HW-{n}")});
            assert_eq!(sku(it, "Month", "1").key.compute_type, name);
        }
    }

    #[test]
    fn what_is_no_desktops_price_is_passed_over() {
        let over = |changed, price: &str| match read(&product(changed, "Month", json!({ "USD": price }))) {
            Ok(Read::PassedOver(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(over(json!({"resourceType": "Software", "usagetype": "AW-SW-1"}), "0"), Why::NotHardware);
        assert_eq!(over(json!({"usagetype": "EU-AW-HW-2-Pools-Stopped-Usage"}), "1"), Why::NotPersonal);
        assert_eq!(over(json!({"runningMode": null}), "1"), Why::NotPersonal);
        assert_eq!(over(json!({}), "0.0000000000"), Why::Free);
    }

    #[test]
    fn a_desktops_price_that_cannot_be_read_is_an_error_that_names_the_field() {
        for (changed, field) in [
            (json!({"storage": "80 GB"}), "storage"),
            (json!({"license": "Lent"}), "license"),
            (json!({"regionCode": null}), "regionCode"),
            (json!({"operatingSystem": ""}), "operatingSystem"),
            (json!({"bundle": "", "usagetype": "EU-AW-HW-77"}), "bundle"),
        ] {
            let error = read(&product(changed, "Month", json!({"USD": "1"}))).unwrap_err().to_string();
            assert!(error.contains(field) && error.contains("ABC"), "{error}");
        }
        for (unit, price) in
            [("Hour", json!({"USD": "1"})), ("Month", json!({})), ("Month", json!({"USD": "dear"}))]
        {
            let error = read(&product(json!({}), unit, price)).unwrap_err().to_string();
            assert!(error.contains("price"), "{error}");
        }
        assert!(matches!(read("{}"), Err(Unreadable::Json(_))));
    }

    #[test]
    fn other_currencies_stay_what_they_are() {
        let Ok(Read::Sku(it)) = read(&product(json!({}), "Month", json!({"CNY": "248.5"}))) else { panic!() };
        assert_eq!(it.currency, Currency("CNY".to_owned()));
    }
}
