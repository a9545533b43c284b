//! Which Arrow types are used where: as declared by Java, inside the engine, and in results.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};

/// Text in any of its encodings.
pub fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// The type a table column has inside the engine. Views of strings are the fastest to decode from
/// Parquet, to filter and to gather, and cost nothing to make from dictionaries.
pub fn engine_type(declared: &DataType) -> DataType {
    match declared {
        text if is_text(text) => DataType::Utf8View,
        DataType::Dictionary(_, value) => engine_type(value),
        DataType::Struct(_) | DataType::List(_) | DataType::Map(_, _) => without_metadata(declared),
        other => other.clone(),
    }
}

/// The schema a table has inside the engine. Metadata is left out: field ids of two tables would
/// make their columns differ in a UNION.
pub fn engine_schema(declared: &Schema) -> Schema {
    let fields = declared.fields().iter();
    Schema::new(
        fields
            .map(|f| Field::new(f.name(), engine_type(f.data_type()), f.is_nullable()))
            .collect::<Fields>(),
    )
}

fn without_metadata(data_type: &DataType) -> DataType {
    map_children(data_type, &|f| {
        Arc::new(Field::new(f.name(), without_metadata(f.data_type()), f.is_nullable()))
    })
}

/// The type a result column has in Java: no views, no dictionaries.
pub fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, value) => plain_type(value),
        nested => map_children(nested, &|f| {
            Arc::new(f.as_ref().clone().with_data_type(plain_type(f.data_type())))
        }),
    }
}

pub fn plain_schema(schema: &Schema) -> Schema {
    let fields = schema.fields().iter();
    Schema::new(
        fields
            .map(|f| Field::new(f.name(), plain_type(f.data_type()), f.is_nullable()))
            .collect::<Fields>(),
    )
}

fn map_children(data_type: &DataType, change: &dyn Fn(&FieldRef) -> FieldRef) -> DataType {
    match data_type {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(change).collect()),
        DataType::List(field) => DataType::List(change(field)),
        DataType::LargeList(field) => DataType::LargeList(change(field)),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(change(field), *size),
        DataType::Map(field, sorted) => DataType::Map(change(field), *sorted),
        other => other.clone(),
    }
}
