//! Objects that Java holds by number. A number is never used twice and is looked up on every call,
//! so a closed or made-up one is an error, not a crash; a call in progress keeps its object alive.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::error::{Failure, Kind, Outcome};
use crate::memory_table::{MemoryTable, StagedBatch};
use crate::query::Query;
use crate::runtime::Engine;
use crate::session::Session;

pub struct Handles<T> {
    what: &'static str,
    next: AtomicI64,
    objects: RwLock<HashMap<i64, Arc<T>>>,
}

impl<T> Handles<T> {
    fn new(what: &'static str) -> Self {
        Self { what, next: AtomicI64::new(1), objects: RwLock::new(HashMap::new()) }
    }

    pub fn insert(&self, object: T) -> i64 {
        let handle = self.next.fetch_add(1, Ordering::Relaxed);
        let mut objects = self.objects.write().unwrap_or_else(PoisonError::into_inner);
        objects.insert(handle, Arc::new(object));
        handle
    }

    pub fn get(&self, handle: i64) -> Outcome<Arc<T>> {
        let objects = self.objects.read().unwrap_or_else(PoisonError::into_inner);
        objects
            .get(&handle)
            .cloned()
            .ok_or_else(|| Failure::new(Kind::Closed, format!("the {} is closed", self.what)))
    }

    /// The object is dropped by the caller, outside of the lock.
    pub fn remove(&self, handle: i64) -> Option<Arc<T>> {
        self.objects.write().unwrap_or_else(PoisonError::into_inner).remove(&handle)
    }

    pub fn len(&self) -> i64 {
        self.objects.read().unwrap_or_else(PoisonError::into_inner).len() as i64
    }
}

pub static ENGINES: LazyLock<Handles<Engine>> = LazyLock::new(|| Handles::new("runtime"));
pub static SESSIONS: LazyLock<Handles<Session>> = LazyLock::new(|| Handles::new("session"));
pub static QUERIES: LazyLock<Handles<Query>> = LazyLock::new(|| Handles::new("data frame"));
pub static MEMORY_TABLES: LazyLock<Handles<Arc<MemoryTable>>> =
    LazyLock::new(|| Handles::new("memory table"));
pub static STAGED_BATCHES: LazyLock<Handles<StagedBatch>> =
    LazyLock::new(|| Handles::new("staged batch"));
