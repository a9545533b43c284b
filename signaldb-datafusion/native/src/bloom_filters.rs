//! Bloom filters of Parquet files, kept in memory: to ask which of many files may have a value must
//! not take a read per file.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::parquet::bloom_filter::Sbbf;
use datafusion::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::error::{Failure, Outcome};

/// Fifty million rows with one column, at the rate at which files are written.
const KEPT_BYTES: usize = 64 << 20;
/// Beside the bits: name, links, allocation.
const ENTRY_BYTES: usize = 256;

#[derive(Default)]
pub struct BloomFilters {
    kept: Mutex<Kept>,
}

/// First in, first out: files are asked for by all queries alike or by none.
#[derive(Default)]
struct Kept {
    filters: HashMap<Key, Arc<Sbbf>>,
    order: VecDeque<Key>,
    bytes: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    path: Path,
    /// Tells stores apart, as for the cache of footers.
    modified: i64,
    row_group: usize,
    leaf: usize,
}

impl BloomFilters {
    /// Whether a row group may have one of the values in a top-level column; true where nothing
    /// tells.
    pub async fn may_contain(
        &self,
        store: &dyn ObjectStore,
        file: &ObjectMeta,
        footer: &ParquetMetaData,
        column: &str,
        values: &[String],
    ) -> Outcome<bool> {
        let leaves = footer.file_metadata().schema_descr().columns().iter();
        let Some(leaf) = leaves.into_iter().position(|c| c.path().parts() == [column]) else {
            return Ok(false); // a column that is not there has no value
        };
        for (number, group) in footer.row_groups().iter().enumerate() {
            let path = file.location.clone();
            let modified = file.last_modified.timestamp();
            let key = Key { path, modified, row_group: number, leaf };
            let Some(filter) = self.filter(store, key, group.column(leaf)).await? else {
                return Ok(true);
            };
            if values.iter().any(|value| filter.check(value.as_str())) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn filter(
        &self,
        store: &dyn ObjectStore,
        key: Key,
        chunk: &ColumnChunkMetaData,
    ) -> Outcome<Option<Arc<Sbbf>>> {
        let place = (chunk.bloom_filter_offset(), chunk.bloom_filter_length());
        let (Some(offset), Some(length)) = place else { return Ok(None) };
        if let Some(filter) = self.kept().filters.get(&key) {
            return Ok(Some(filter.clone()));
        }
        let range = offset as u64..offset as u64 + length as u64;
        let bytes = store
            .get_range(&key.path, range)
            .await
            .map_err(|e| Failure::io(key.path.as_ref(), e))?;
        let filter = Arc::new(Sbbf::from_bytes(&bytes)?);
        self.keep(key, filter.clone());
        Ok(Some(filter))
    }

    fn keep(&self, key: Key, filter: Arc<Sbbf>) {
        let mut kept = self.kept();
        kept.bytes += size(&filter);
        if let Some(known) = kept.filters.insert(key.clone(), filter) {
            kept.bytes -= size(&known);
        } else {
            kept.order.push_back(key);
        }
        while kept.bytes > KEPT_BYTES {
            let Some(oldest) = kept.order.pop_front() else { break };
            if let Some(filter) = kept.filters.remove(&oldest) {
                kept.bytes -= size(&filter);
            }
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(filter: &Sbbf) -> usize {
    32 * filter.num_blocks() + ENTRY_BYTES
}
