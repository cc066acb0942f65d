//! The server database: what PostgreSQL needs beside the shared text of a statement. Values are bound, rows read, a set
//! of rows goes over as one JSON text. Nothing here decides anything; must never be named outside `dialect.rs`.

use crate::dialect::Table;
use crate::error::StoreError;
use crate::value::{Arg, Row};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Column, Row as _, TypeInfo, ValueRef};

/// The statement that writes a set of rows handed over as one JSON text.
pub(crate) fn insert(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|c| c.0).collect();
    let cast = |kind: char| if kind == 'i' { "::bigint" } else { "" };
    let values: Vec<String> =
        table.columns.iter().enumerate().map(|(i, c)| format!("(value ->> {i}){}", cast(c.1))).collect();
    format!(
        "insert into {} ({}) select {} from jsonb_array_elements($1::text::jsonb) {}",
        table.name,
        names.join(", "),
        values.join(", "),
        table.conflict
    )
}

/// A set of rows as one JSON text.
pub(crate) fn rows_json(rows: &[Vec<Arg>]) -> String {
    let rows: Vec<Vec<Cell>> = rows.iter().map(|r| r.iter().map(Cell).collect()).collect();
    serde_json::to_string(&rows).unwrap_or_default()
}

/// A value as it goes over in a set of rows.
struct Cell<'a>(&'a Arg);

impl serde::Serialize for Cell<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Arg::Int(n) => serializer.serialize_i64(*n),
            // A NUL cannot be stored by PostgreSQL; it has no meaning in any text of ours.
            Arg::Text(s) if s.contains('\0') => serializer.serialize_str(&s.replace('\0', "")),
            Arg::Text(s) => serializer.serialize_str(s),
            Arg::Null => serializer.serialize_unit(),
        }
    }
}

/// Values as the driver binds them.
pub(crate) fn bound(args: &[Arg]) -> Result<PgArguments, StoreError> {
    let mut out = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(n) => out.add(*n),
            Arg::Text(s) => out.add(s.replace('\0', "")),
            Arg::Null => out.add(None::<i64>),
        }
        .map_err(StoreError::bind)?;
    }
    Ok(out)
}

/// A row as it was read.
pub(crate) fn row(row: &PgRow) -> Result<Row, StoreError> {
    let mut out = Vec::with_capacity(row.len());
    for i in 0..row.len() {
        let null = row.try_get_raw(i)?.is_null();
        let name = row.column(i).type_info().name().to_owned();
        out.push(match name.as_str() {
            _ if null => Arg::Null,
            "INT8" => Arg::Int(row.try_get(i)?),
            "INT4" => Arg::Int(i64::from(row.try_get::<i32, _>(i)?)),
            "BOOL" => Arg::Int(i64::from(row.try_get::<bool, _>(i)?)),
            _ => Arg::Text(row.try_get(i)?),
        });
    }
    Ok(Row(out))
}
