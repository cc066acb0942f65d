//! The rows of `report --format json`: exactly the keys of the contract, whole numbers as integers.
//! It must never write a number that is not finite, or a rate with float noise.

use crate::error::ReportError;
use serde::{Deserialize, Serialize, Serializer};

/// One figure with what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FigureRow {
    /// Id of the indicator.
    pub indicator: String,
    /// Its name.
    pub name: String,
    /// Value in the base unit, a rate in per cent; none when it cannot be computed (a rate over nothing).
    #[serde(serialize_with = "two_decimals")]
    pub value: Option<f64>,
    /// Base unit.
    pub unit: String,
    /// Numerator of a rate or mean.
    #[serde(serialize_with = "part")]
    pub numerator: Option<f64>,
    /// Denominator of a rate or mean.
    #[serde(serialize_with = "part")]
    pub denominator: Option<f64>,
    /// First day counted; none for a stock.
    pub from: Option<String>,
    /// Day for which it holds.
    pub as_of: String,
    /// Code of the region.
    pub region: String,
    /// Records behind numerator and denominator, so that a true zero has records.
    pub records: u64,
    /// Where the records come from.
    pub source: String,
    /// Comparison phrase for Excel; no key of the JSON.
    #[serde(skip)]
    pub comparison: Option<String>,
}

/// The array of rows, one row to a line, a line feed at the end.
pub fn write_json(rows: &[FigureRow]) -> Result<String, ReportError> {
    check(rows)?;
    let lines: Result<Vec<String>, _> = rows.iter().map(serde_json::to_string).collect();
    let lines = lines.map_err(ReportError::Json)?;
    Ok(if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) })
}

/// Every number of the rows is finite.
pub(crate) fn check(rows: &[FigureRow]) -> Result<(), ReportError> {
    let finite = |n: &Option<f64>| n.is_none_or(f64::is_finite);
    match rows.iter().find(|r| ![r.value, r.numerator, r.denominator].iter().all(finite)) {
        Some(row) => Err(ReportError::NotFinite { what: row.indicator.clone() }),
        None => Ok(()),
    }
}

/// Rounds half away from zero.
pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    let scaled = (value * scale).round();
    // Beyond the exact integers of a float there is nothing behind the point to round.
    if scaled.abs() < 9.0e15 { scaled / scale } else { value }
}

fn two_decimals<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    bare(value.map(|v| round(v, 2)), to)
}

fn part<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    bare(value.map(|v| round(v, 6)), to)
}

fn bare<S: Serializer>(value: Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        None => to.serialize_none(),
        // The cast is exact: whole and within the integers a float holds exactly.
        Some(v) if v.fract() == 0.0 && v.abs() < 9.0e15 => to.serialize_i64(v as i64),
        Some(v) => to.serialize_f64(v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sample::row;

    #[test]
    fn keys_and_numbers_of_the_contract() {
        let rows = [row("hotline.accepted", 9238.0, "件"), row("hotline.satisfied", 97.716_3, "%")];
        let expected = r#"[
{"indicator":"hotline.accepted","name":"hotline.accepted","value":9238,"unit":"件","numerator":null,"denominator":null,"from":"2021-01-01","as_of":"2021-06-02","region":"640323","records":9238,"source":"12345热线"},
{"indicator":"hotline.satisfied","name":"hotline.satisfied","value":97.72,"unit":"%","numerator":null,"denominator":null,"from":"2021-01-01","as_of":"2021-06-02","region":"640323","records":9238,"source":"12345热线"}
]
"#;
        assert_eq!(write_json(&rows).unwrap(), expected);
        assert_eq!(write_json(&[]).unwrap(), "[]\n");
    }

    #[test]
    fn no_value_is_null_and_no_number_is_an_error() {
        let mut one = row("a.rate", 99.999, "%");
        one.numerator = Some(0.1 + 0.2);
        let text = write_json(std::slice::from_ref(&one)).unwrap();
        assert!(text.contains("\"value\":100,") && text.contains("\"numerator\":0.3,"), "{text}");
        one.value = None;
        assert!(write_json(std::slice::from_ref(&one)).unwrap().contains("\"value\":null"));
        one.value = Some(f64::NAN);
        assert!(write_json(&[one]).unwrap_err().to_string().contains("a.rate"));
    }
}
