//! What is wrong with a plan, gathered.

use chrono_tz::Tz;
use contract::problem::FieldError;

use crate::catalog::{Catalog, Entity, Field};

pub(super) struct Faults<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) entity: &'static Entity,
    pub(super) zone: Tz,
    pub(super) errors: Vec<FieldError>,
}

impl Faults<'_> {
    pub(super) fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, detail));
    }

    /// What a name stands for, or a fault.
    pub(super) fn field(&mut self, name: &str, pointer: &str) -> Option<Field> {
        let field = self.catalog.field(self.entity, name);
        if field.is_none() {
            self.add(pointer, format!("{} have no `{name}`", self.entity.plural));
        }
        field.map(|it| Field { zone: self.zone, ..it })
    }
}
