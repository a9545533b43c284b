//! A session: a catalog of its own over the shared runtime.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::catalog::{
    MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider, TableProvider,
};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::planner::ExprPlanner;

use crate::error::{Failure, Outcome};
use crate::map_entries::MapEntries;
use crate::runtime::Engine;
use crate::select::Select;
use crate::union_table::UnionTable;

pub struct Session {
    pub engine: Arc<Engine>,
    pub state: SessionState,
    /// By their names as registered.
    selectable: RwLock<HashMap<Vec<String>, Arc<dyn Select>>>,
    unions: RwLock<HashMap<Vec<String>, Arc<UnionTable>>>,
}

impl Session {
    pub fn new(engine: Arc<Engine>) -> Self {
        let mut state = engine.template.clone();
        state.register_catalog_list(Arc::new(MemoryCatalogProviderList::new()));
        Self { engine, state, selectable: RwLock::default(), unions: RwLock::default() }
    }

    /// A session in which names of tables without catalog and schema mean those of `catalog` and
    /// `schema`, and entries of maps may have columns of their own.
    pub fn with_defaults(
        engine: Arc<Engine>,
        catalog: String,
        schema: String,
        entries: MapEntries,
    ) -> Self {
        let session = Self::new(engine);
        let mut planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(entries)];
        planners.extend_from_slice(session.state.expr_planners());
        let mut state = SessionStateBuilder::new_from_existing(session.state)
            .with_expr_planners(planners)
            .build();
        let defaults = &mut state.config_mut().options_mut().catalog;
        defaults.create_default_catalog_and_schema = false;
        defaults.default_catalog = catalog;
        defaults.default_schema = schema;
        Self { state, ..session }
    }

    pub fn register_union(&self, name: &[String], table: Arc<UnionTable>) -> Outcome<()> {
        self.register(name, table.clone())?;
        let mut unions = self.unions.write().unwrap_or_else(PoisonError::into_inner);
        unions.insert(name.to_vec(), table);
        Ok(())
    }

    pub fn union(&self, name: &[String]) -> Outcome<Arc<UnionTable>> {
        let unions = self.unions.read().unwrap_or_else(PoisonError::into_inner);
        unions
            .get(name)
            .cloned()
            .ok_or_else(|| Failure::argument(format!("no union {name:?} to add rows to")))
    }

    /// Registers a table that is also found by `selectable`.
    pub fn register_selectable<T>(&self, name: &[String], table: Arc<T>) -> Outcome<()>
    where
        T: TableProvider + Select + 'static,
    {
        self.register(name, table.clone())?;
        let mut selectable = self.selectable.write().unwrap_or_else(PoisonError::into_inner);
        selectable.insert(name.to_vec(), table);
        Ok(())
    }

    pub fn selectable(&self, name: &[String]) -> Outcome<Arc<dyn Select>> {
        let selectable = self.selectable.read().unwrap_or_else(PoisonError::into_inner);
        selectable.get(name).cloned().ok_or_else(|| {
            Failure::argument(format!(
                "no table {name:?} to select from; expected one of Parquet files or a memory table"
            ))
        })
    }

    pub fn register(&self, name: &[String], table: Arc<dyn TableProvider>) -> Outcome<()> {
        let (catalog_name, schema_name, table_name) = self.parts(name)?;
        self.forget(name);
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
        self.forget(name);
        let catalog = self.state.catalog_list().catalog(catalog);
        if let Some(schema) = catalog.and_then(|c| c.schema(schema)) {
            schema.deregister_table(table)?;
        }
        Ok(())
    }

    fn forget(&self, name: &[String]) {
        self.selectable.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        self.unions.write().unwrap_or_else(PoisonError::into_inner).remove(name);
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
