//! Rows of many batches in one order, column by column, for a Parquet file.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int32Array, StringArray, StringBuilder, make_array,
    new_null_array,
};
use datafusion::arrow::buffer::{NullBuffer, ScalarBuffer};
use datafusion::arrow::compute::{FilterPredicate, cast, interleave};
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema, UInt32Type};

use super::expression::Expression;
use super::scan::selected_rows;
use super::{MemoryTable, POSITION, PublishedBatch, Shown, Source};
use crate::error::{Failure, Kind, Outcome};
use crate::parquet_writer::{
    ColumnReader, ColumnSource, Columns, WriteOptions, Written, check_names, match_columns,
    sort_order, write_columns,
};
use crate::runtime::Engine;
use crate::types::is_text;

/// A key of no value.
const NULL_KEY: i32 = -1;
const NULL_PLACE: u32 = u32::MAX;

/// Writes the rows between two positions that fulfil an SQL condition over the table's columns.
pub fn write(
    engine: &Arc<Engine>,
    table: &Arc<MemoryTable>,
    (after, through): (i64, i64),
    condition: &str,
    url: &str,
    options: &WriteOptions,
) -> Outcome<Written> {
    if engine.closed.is_cancelled() {
        return Err(Failure::new(Kind::Closed, "the runtime is closed"));
    }
    let filters = match condition {
        "" => Vec::new(),
        sql => vec![Expression::parse(sql, &table.schema, &engine.template)?],
    };
    let mut rows = Gathered::new(table, table.snapshot(after, through), &filters)?;
    let (inputs, present) = rows.present();
    let columns = match_columns(&present, &options.schema)?;
    let columns = columns.into_iter().map(|mut column| {
        column.input = inputs[column.input];
        column
    });
    let columns: Vec<_> = columns.collect();
    check_names(&options.sort_by, &columns, "sort column")?;
    let keys = options.sort_by.iter().map(|name| {
        let column = table.schema.index_of(name)?;
        rows.column(column)?.read(0, rows.order.len())
    });
    if let Some(order) = sort_order(&keys.collect::<Outcome<Vec<_>>>()?)? {
        rows.order = order.values().iter().map(|row| rows.order[*row as usize]).collect();
    }
    let check = || match engine.closed.is_cancelled() {
        true => Err(Failure::new(Kind::Closed, "the runtime is closed")),
        false => Ok(()),
    };
    write_columns(engine, url, &Columns::new(columns), options, &rows, &check)
}

struct Gathered<'t> {
    table: &'t MemoryTable,
    batches: Vec<Arc<PublishedBatch>>,
    /// Of every row its batch and its place there.
    order: Vec<(u32, u32)>,
}

impl<'t> Gathered<'t> {
    /// The rows that pass all filters, by position.
    fn new(
        table: &'t MemoryTable,
        batches: Vec<Arc<PublishedBatch>>,
        filters: &[Expression],
    ) -> Outcome<Self> {
        let mut order = Vec::new();
        for (number, batch) in batches.iter().enumerate() {
            let mut add = |row: u32| order.push((number as u32, row));
            match selected_rows(table, filters, batch)? {
                None => {}
                Some(None) => (0..batch.batch.rows as u32).for_each(add),
                Some(Some(predicate)) => selected(&predicate, batch.batch.rows, &mut add)?,
            }
        }
        if order.len() > u32::MAX as usize {
            return Err(Failure::argument(format!(
                "{} rows; expected at most {}",
                order.len(),
                u32::MAX
            )));
        }
        Ok(Self { table, batches, order })
    }

    /// The columns with values, but the position, and their numbers in the table. Text has the
    /// encoding in which it is read.
    fn present(&self) -> (Vec<usize>, Schema) {
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        for (column, field) in self.table.schema.fields().iter().enumerate() {
            if field.name() == POSITION || !self.table.is_present(column, &self.batches) {
                continue;
            }
            let data_type = match is_text(field.data_type()) {
                true if self.is_dictionary(column) => dictionary_type(),
                true if self.sources(column).is_some() => DataType::Utf8,
                _ => field.data_type().clone(),
            };
            columns.push(column);
            fields.push(Field::new(field.name(), data_type, field.is_nullable()));
        }
        (columns, Schema::new(fields))
    }

    fn sources(&self, column: usize) -> Option<impl Iterator<Item = Option<&Source>>> {
        match self.table.columns.get(column)? {
            Shown::Declared(index) => Some(self.batches.iter().map(|b| b.batch.source(*index))),
            Shown::Computed(_) => None,
        }
    }

    /// Whether a column of text came with dictionaries: their values, which may be long, must not be
    /// repeated for each row, so other batches join them.
    fn is_dictionary(&self, column: usize) -> bool {
        let Some(mut sources) = self.sources(column) else { return false };
        sources.any(|source| match source {
            Some(Source::Array(array)) => array.as_any_dictionary_opt().is_some(),
            Some(Source::Gathered { .. }) | None => false,
        })
    }
}

fn dictionary_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The rows that a predicate selects.
fn selected(predicate: &FilterPredicate, rows: usize, add: &mut dyn FnMut(u32)) -> Outcome<()> {
    let numbers = Int32Array::from_iter_values(0..rows as i32);
    let selected = predicate.filter(&numbers)?;
    selected.as_primitive::<Int32Type>().values().iter().for_each(|row| add(*row as u32));
    Ok(())
}

impl ColumnSource for Gathered<'_> {
    fn rows(&self) -> usize {
        self.order.len()
    }

    fn column<'a>(&'a self, column: usize) -> Outcome<Box<dyn ColumnReader + 'a>> {
        let data_type = self.table.schema.field(column).data_type();
        match self.sources(column) {
            Some(sources) if self.is_dictionary(column) && is_text(data_type) => {
                Ok(Box::new(Dictionary::merge(&self.order, sources)?))
            }
            Some(sources) if is_text(data_type) => Ok(Box::new(Text::new(&self.order, sources)?)),
            Some(sources) => Ok(Box::new(Values::new(&self.order, data_type, sources)?)),
            None => {
                let arrays = self.batches.iter().map(|b| self.table.column(column, b, None));
                let arrays = arrays.collect::<Result<Vec<_>, _>>()?;
                let places = vec![None; arrays.len()];
                Ok(Box::new(Values { order: &self.order, arrays, places }))
            }
        }
    }
}

/// Text with one dictionary for all batches.
struct Dictionary<'a> {
    order: &'a [(u32, u32)],
    /// Of every batch the keys of its rows; none if it has no value.
    keys: Vec<Vec<i32>>,
    values: StringArray,
}

impl<'a> Dictionary<'a> {
    fn merge<'s>(
        order: &'a [(u32, u32)],
        sources: impl Iterator<Item = Option<&'s Source>>,
    ) -> Outcome<Self> {
        let mut keys = Vec::new();
        let mut merged: HashMap<String, i32> = HashMap::new();
        for source in sources {
            let (texts, of_rows) = match source {
                None => {
                    keys.push(Vec::new());
                    continue;
                }
                Some(Source::Array(array)) => match array.as_any_dictionary_opt() {
                    Some(dictionary) => {
                        let of_rows = make_array(dictionary.keys().to_data());
                        (dictionary.values().clone(), Some(of_rows))
                    }
                    None => (array.clone(), None),
                },
                Some(Source::Gathered { keys, values }) => (values.clone(), Some(keys.clone())),
            };
            let texts = cast(&texts, &DataType::Utf8)?;
            let texts: Vec<i32> = texts
                .as_string::<i32>()
                .iter()
                .map(|text| text.map_or(NULL_KEY, |text| key_of(text, &mut merged)))
                .collect();
            keys.push(match of_rows {
                None => texts,
                Some(of_rows) => {
                    let of_rows = cast(&of_rows, &DataType::UInt32)?;
                    let of_rows = of_rows.as_primitive::<UInt32Type>().iter();
                    of_rows.map(|key| key.map_or(NULL_KEY, |key| texts[key as usize])).collect()
                }
            });
        }
        let mut texts = vec![""; merged.len()];
        merged.iter().for_each(|(text, key)| texts[*key as usize] = text);
        Ok(Self { order, keys, values: StringArray::from(texts) })
    }
}

fn key_of(text: &str, merged: &mut HashMap<String, i32>) -> i32 {
    match merged.get(text) {
        Some(key) => *key,
        None => {
            let key = merged.len() as i32;
            merged.insert(text.to_string(), key);
            key
        }
    }
}

impl ColumnReader for Dictionary<'_> {
    fn read(&self, start: usize, length: usize) -> Outcome<ArrayRef> {
        let rows = &self.order[start..start + length];
        let key = |(batch, row): &(u32, u32)| match self.keys[*batch as usize].get(*row as usize) {
            Some(key) => *key,
            None => NULL_KEY,
        };
        let keys: Vec<i32> = rows.iter().map(key).collect();
        let valid: NullBuffer = keys.iter().map(|key| *key != NULL_KEY).collect();
        let keys: ScalarBuffer<i32> = keys.into_iter().map(|key| key.max(0)).collect();
        let valid = (valid.null_count() > 0).then_some(valid);
        let keys = Int32Array::new(keys, valid);
        Ok(Arc::new(DictionaryArray::try_new(keys, Arc::new(self.values.clone()))?))
    }
}

/// Text that seldom repeats.
struct Text<'a> {
    order: &'a [(u32, u32)],
    arrays: Vec<Option<StringArray>>,
}

impl<'a> Text<'a> {
    fn new<'s>(
        order: &'a [(u32, u32)],
        sources: impl Iterator<Item = Option<&'s Source>>,
    ) -> Outcome<Self> {
        let arrays = sources.map(|source| match source {
            None => Ok(None),
            Some(source) => Ok(Some(source.read(&DataType::Utf8, None)?.as_string().clone())),
        });
        Ok(Self { order, arrays: arrays.collect::<Outcome<Vec<_>>>()? })
    }
}

impl ColumnReader for Text<'_> {
    fn read(&self, start: usize, length: usize) -> Outcome<ArrayRef> {
        let mut texts = StringBuilder::with_capacity(length, 32 * length);
        for (batch, row) in &self.order[start..start + length] {
            match &self.arrays[*batch as usize] {
                Some(array) if array.is_valid(*row as usize) => {
                    texts.append_value(array.value(*row as usize))
                }
                _ => texts.append_null(),
            }
        }
        Ok(Arc::new(texts.finish()))
    }
}

/// Values of any type.
struct Values<'a> {
    order: &'a [(u32, u32)],
    /// Of every batch, and a null behind them if some row may have none.
    arrays: Vec<ArrayRef>,
    /// Of every batch where in its array the values of its rows are, if not at the rows' own places.
    places: Vec<Option<Vec<u32>>>,
}

impl<'a> Values<'a> {
    fn new<'s>(
        order: &'a [(u32, u32)],
        data_type: &DataType,
        sources: impl Iterator<Item = Option<&'s Source>>,
    ) -> Outcome<Self> {
        let null = new_null_array(data_type, 1);
        let mut arrays = Vec::new();
        let mut places = Vec::new();
        for source in sources {
            let (array, of_rows) = match source {
                None => (null.clone(), Some(Vec::new())),
                Some(Source::Array(array)) => (array.clone(), None),
                Some(Source::Gathered { keys, values }) => {
                    let keys = cast(keys, &DataType::UInt32)?;
                    let keys = keys.as_primitive::<UInt32Type>().iter();
                    (values.clone(), Some(keys.map(|key| key.unwrap_or(NULL_PLACE)).collect()))
                }
            };
            arrays.push(array);
            places.push(of_rows);
        }
        arrays.push(null);
        Ok(Self { order, arrays, places })
    }
}

impl ColumnReader for Values<'_> {
    fn read(&self, start: usize, length: usize) -> Outcome<ArrayRef> {
        let null = (self.arrays.len() - 1, 0);
        let place = |(batch, row): &(u32, u32)| match &self.places[*batch as usize] {
            None => (*batch as usize, *row as usize),
            Some(places) => match places.get(*row as usize) {
                Some(place) if *place != NULL_PLACE => (*batch as usize, *place as usize),
                _ => null,
            },
        };
        let places: Vec<_> = self.order[start..start + length].iter().map(place).collect();
        let arrays: Vec<&dyn Array> = self.arrays.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&arrays, &places)?)
    }
}
