//! `xiangyue pack check` and `xiangyue pack schema`.

use crate::cli::PackCommand;
use crate::open::{Said, faults};
use xiangyue_pack::{PackFiles, load, schemas};

/// Runs a command on packs.
pub fn run(command: PackCommand) -> Result<(), Said> {
    match command {
        PackCommand::Check { dir } => {
            let files = PackFiles::at(&dir).map_err(|f| faults(&f))?;
            let loaded = load(files).map_err(|f| faults(&f))?;
            println!(
                "{}: 没有错处。{} 类事项,{} 个指标,{} 份清单,{} 个区划",
                loaded.policy.id,
                loaded.policy.kinds.len(),
                loaded.policy.indicators.len(),
                loaded.policy.catalogues.len(),
                loaded.regions.len()
            );
            Ok(())
        }
        PackCommand::Schema { dir } => {
            std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
            for (name, schema) in schemas() {
                let text = serde_json::to_string_pretty(&schema).map_err(|e| e.to_string())?;
                std::fs::write(dir.join(format!("{name}.schema.json")), text + "\n").map_err(|e| e.to_string())?;
            }
            Ok(())
        }
    }
}
