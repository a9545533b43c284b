//! Values of placeholders, as `BoundValues.java` writes them.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;

use crate::error::{Failure, Outcome};

pub fn decode(mut bytes: &[u8]) -> Outcome<Vec<ScalarValue>> {
    let input = &mut bytes;
    let mut values = Vec::new();
    while let Some((tag, rest)) = input.split_first() {
        *input = rest;
        values.push(match tag {
            b'n' => ScalarValue::Null,
            b's' => ScalarValue::Utf8(Some(text(input)?)),
            b'l' => ScalarValue::Int64(Some(i64::from_be_bytes(take(input)?))),
            b't' => ScalarValue::TimestampNanosecond(Some(i64::from_be_bytes(take(input)?)), None),
            b'd' => ScalarValue::Float64(Some(f64::from_be_bytes(take(input)?))),
            b'b' => ScalarValue::Boolean(Some(take::<1>(input)? != [0])),
            b'a' => {
                let length = u32::from_be_bytes(take(input)?);
                let texts = (0..length)
                    .map(|_| text(input).map(|t| ScalarValue::Utf8(Some(t))))
                    .collect::<Outcome<Vec<_>>>()?;
                ScalarValue::List(ScalarValue::new_list_nullable(&texts, &DataType::Utf8))
            }
            other => return Err(Failure::argument(format!("unknown tag {other} of a value"))),
        });
    }
    Ok(values)
}

fn take<const N: usize>(input: &mut &[u8]) -> Outcome<[u8; N]> {
    let (head, rest) =
        input.split_first_chunk::<N>().ok_or_else(|| Failure::argument("values are cut off"))?;
    *input = rest;
    Ok(*head)
}

fn text(input: &mut &[u8]) -> Outcome<String> {
    let length = u32::from_be_bytes(take(input)?) as usize;
    if length > input.len() {
        return Err(Failure::argument("values are cut off"));
    }
    let (head, rest) = input.split_at(length);
    *input = rest;
    String::from_utf8(head.to_vec()).map_err(|e| Failure::argument(e.to_string()))
}
