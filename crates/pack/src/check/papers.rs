//! Pages to print and the parts of a file: they may name only what the kind has.

use super::kind::{has_field, unique};
use super::{Say, conditions};
use xiangyue_domain::policy::{Kind, PRINTED};

pub(super) fn check(kind: &Kind, say: Say) {
    unique("print", kind.prints.iter().map(|p| p.id.as_str()), say);
    for (i, print) in kind.prints.iter().enumerate() {
        let at = format!("/print/{i}");
        if let Some(when) = &print.when {
            conditions::check(kind, when, &format!("{at}/when"), say);
        }
        if let Some(mv) = print.each.as_ref().filter(|mv| kind.find_move(mv).is_none()) {
            say(&format!("{at}/each"), format!("动作 {mv} 不存在;each 写一个动作的 id,每做一次印一页"));
        }
        for (n, field) in print.fields.iter().enumerate().filter(|(_, f)| !PRINTED.contains(&f.as_str())) {
            has_field(kind, field, &format!("{at}/fields/{n}"), say);
        }
    }
    for (i, part) in kind.dossier.iter().enumerate() {
        let at = format!("/dossier/{i}");
        for (n, field) in part.fields.iter().enumerate() {
            has_field(kind, field, &format!("{at}/fields/{n}"), say);
        }
        if let Some(when) = &part.required_when {
            conditions::check(kind, when, &format!("{at}/required_when"), say);
            if !part.required {
                say(&format!("{at}/required_when"), "required_when 要和 required = true 一起写".to_owned());
            }
        }
        for (n, print) in part.prints.iter().enumerate().filter(|(_, p)| kind.find_print(p).is_none()) {
            say(&format!("{at}/prints/{n}"), format!("打印页 {print} 不存在;请在 [[print]] 里加上"));
        }
    }
}
