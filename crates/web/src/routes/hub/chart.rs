//! Coordinates of the charts: they are made here, so that a page needs no script to draw one.

use serde_json::{Value, json};

/// Width, height, where the plot begins and where it stands.
const W: f64 = 640.0;
const H: f64 = 220.0;
const LEFT: f64 = 60.0;
const BASE: f64 = 190.0;
const TOP: f64 = 14.0;

/// One bar of a chart.
pub(super) struct Bar {
    pub label: String,
    pub n: f64,
    /// The number with its unit.
    pub words: String,
    pub url: String,
    /// The month is not over.
    pub now: bool,
    /// Point of the line above it, with its words.
    pub point: Option<(f64, String)>,
}

fn one(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

/// A small trend line; none when it would be flat.
pub(super) fn spark(values: &[f64]) -> Value {
    let (w, h) = (120.0, 28.0);
    if values.len() < 2 {
        return Value::Null;
    }
    let (low, high) = bounds(values);
    if high <= low {
        return Value::Null;
    }
    let step = w / float(values.len() - 1);
    let at = |(i, v): (usize, &f64)| (one(step * float(i)), one(h - 2.0 - (v - low) / (high - low) * (h - 4.0)));
    let points: Vec<(f64, f64)> = values.iter().enumerate().map(at).collect();
    let (x, y) = points.last().copied().unwrap_or_default();
    let text: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    json!({"w": w, "h": h, "points": text.join(" "), "x": x, "y": y})
}

/// Bars by month with a line over them.
pub(super) fn chart(bars: &[Bar], bar_words: &str, line_words: &str, unit: &str) -> Value {
    let most = bars.iter().map(|b| b.n).fold(0.0, f64::max);
    let (step, ticks) = scale(most);
    let top = step * float(ticks);
    let y = |n: f64| one(BASE - (n / top).clamp(0.0, 1.0) * (BASE - TOP));
    let slot = (W - LEFT) / float(bars.len().max(1));
    let middle = |i: usize| one(LEFT + slot * (float(i) + 0.5));
    let width = one(slot * 0.6);
    let grid: Vec<Value> =
        (0..=ticks).map(|i| json!({"y": y(step * float(i)), "label": tick(step * float(i))})).collect();
    let drawn = |(i, b): (usize, &Bar)| {
        json!({"x": one(middle(i) - width / 2.0), "y": y(b.n), "w": width, "h": one(BASE - y(b.n)), "cx": middle(i),
            "label": b.label, "value": b.words, "url": b.url, "now": b.now})
    };
    let crowded = bars.len() > 8;
    let labels: Vec<Value> = bars
        .iter()
        .enumerate()
        .filter(|(i, _)| bars.len() <= 13 || i % 2 == 0)
        .map(|(i, b)| json!({"x": middle(i), "label": b.label, "alt": crowded && i % (if bars.len() > 13 { 4 } else { 2 }) != 0}))
        .collect();
    let points: Vec<f64> = bars.iter().filter_map(|b| b.point.as_ref().map(|p| p.0)).collect();
    let (low, high) = bounds(&points);
    // The line has a scale of its own in the upper two thirds; its dots say the numbers.
    let height = |v: f64| {
        one(if high > low { BASE - 60.0 - (v - low) / (high - low) * (BASE - 60.0 - TOP - 6.0) } else { TOP + 20.0 })
    };
    let dots: Vec<Value> = bars
        .iter()
        .enumerate()
        .filter_map(|(i, b)| {
            b.point
                .as_ref()
                .map(|(v, words)| json!({"x": middle(i), "y": height(*v), "words": format!("{} {words}", b.label)}))
        })
        .collect();
    let line: Vec<String> = dots.iter().map(|d| format!("{},{}", d["x"], d["y"])).collect();
    json!({
        "w": W, "h": H, "left": LEFT, "base": BASE, "unit": unit, "grid": grid, "labels": labels,
        "bars": bars.iter().enumerate().map(drawn).collect::<Vec<_>>(),
        "line": line.join(" "), "dots": dots, "line_words": line_words, "bar_words": bar_words,
    })
}

fn float(n: usize) -> f64 {
    u32::try_from(n).map_or(0.0, f64::from)
}

fn bounds(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}

/// A round step and how many of them reach over the highest bar.
fn scale(most: f64) -> (f64, usize) {
    let rough = (most / 4.0).max(0.25);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough).unwrap_or(power * 10.0);
    // Counts have no halves.
    let step = if most <= 4.0 { 1.0 } else { step };
    let ticks = (1..=8).find(|i| step * float(*i) >= most).unwrap_or(8);
    (step, ticks)
}

fn tick(value: f64) -> String {
    let text = format!("{value:.0}");
    match text.parse::<i64>() {
        Ok(n) if n >= 10_000 && n % 1000 == 0 => format!("{}k", super::say::grouped(n / 1000)),
        Ok(n) => super::say::grouped(n),
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_reaches_over_the_highest_bar() {
        for most in [0.0, 1.0, 3.0, 4.0, 7.0, 99.0, 1010.0, 12_345.0, 11_000_000.0] {
            let (step, ticks) = scale(most);
            assert!(step * float(ticks) >= most && step > 0.0 && ticks <= 8, "{most}");
        }
        assert_eq!(scale(1010.0), (500.0, 3));
    }

    #[test]
    fn a_line_that_says_nothing_is_none() {
        assert_eq!(spark(&[1.0]), Value::Null);
        assert_eq!(spark(&[1.0, 1.0]), Value::Null);
        assert_eq!(spark(&[1.0, 2.0])["points"], "0,26 120,2");
    }
}
