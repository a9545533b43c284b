//! A session: a catalog of its own over the shared runtime.

use std::sync::Arc;

use datafusion::catalog::{
    MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider, TableProvider,
};
use datafusion::execution::SessionState;

use crate::error::{Failure, Outcome};
use crate::runtime::Engine;

pub struct Session {
    pub engine: Arc<Engine>,
    pub state: SessionState,
}

impl Session {
    pub fn new(engine: Arc<Engine>) -> Self {
        let mut state = engine.template.clone();
        state.register_catalog_list(Arc::new(MemoryCatalogProviderList::new()));
        Self { engine, state }
    }

    pub fn register(&self, name: &[String], table: Arc<dyn TableProvider>) -> Outcome<()> {
        let (catalog_name, schema_name, table_name) = self.parts(name)?;
        let catalogs = self.state.catalog_list();
        let catalog = match catalogs.catalog(catalog_name) {
            Some(catalog) => catalog,
            None => {
                let catalog = Arc::new(MemoryCatalogProvider::new());
                catalogs.register_catalog(catalog_name.to_string(), catalog.clone());
                catalog
            }
        };
        let schema = match catalog.schema(schema_name) {
            Some(schema) => schema,
            None => {
                let schema = Arc::new(MemorySchemaProvider::new());
                catalog.register_schema(schema_name, schema.clone())?;
                schema
            }
        };
        schema.deregister_table(table_name)?;
        schema.register_table(table_name.to_string(), table)?;
        Ok(())
    }

    pub fn deregister(&self, name: &[String]) -> Outcome<()> {
        let (catalog, schema, table) = self.parts(name)?;
        let catalog = self.state.catalog_list().catalog(catalog);
        if let Some(schema) = catalog.and_then(|c| c.schema(schema)) {
            schema.deregister_table(table)?;
        }
        Ok(())
    }

    fn parts<'a>(&'a self, name: &'a [String]) -> Outcome<(&'a str, &'a str, &'a str)> {
        let defaults = &self.state.config_options().catalog;
        match name {
            [table] => Ok((&defaults.default_catalog, &defaults.default_schema, table)),
            [catalog, schema, table] => Ok((catalog, schema, table)),
            other => Err(Failure::argument(format!(
                "table name {other:?}; expected one part or catalog, schema and table"
            ))),
        }
    }
}
