//! One file per command or family of commands; each says what went wrong in one line.

mod backup;
mod bench;
mod check;
mod erase;
mod exchange;
mod explain;
mod pack;
mod receipt;
mod report;
mod serve;
mod simulate;

use crate::cli::Command;
use crate::open::Said;

/// Runs a command.
pub async fn run(command: Command) -> Result<(), Said> {
    match command {
        Command::Demo { pack, data, listen, until, seed } => serve::demo(pack, data, listen, until, seed).await,
        Command::Serve { data, pack, listen, base_url, trusted_proxy, at_once, text_program } => {
            let door = serve::Door { listen, base_url, trusted_proxies: trusted_proxy, at_once, text_program };
            serve::serve(data, pack, door).await
        }
        Command::Pack(command) => pack::run(command),
        Command::Simulate { pack, data, from, until, seed } => simulate::simulate(pack, &data, from, until, seed).await,
        Command::Report { data, template, as_of, format, output } => {
            report::report(&data, template, as_of, format, &output).await
        }
        Command::Explain { data, indicator, region, as_of, format, limit } => {
            explain::explain(&data, &indicator, region, as_of, format, limit).await
        }
        Command::Verify { data, receipt: Some(receipt), head } => receipt::verify(&data, &receipt, head).await,
        Command::Verify { data, .. } => check::verify(&data).await,
        Command::Rebuild { data, check: _ } => check::rebuild(&data).await,
        Command::Import { data, file, sheet, only_good, check, corrected } => {
            let wanted = exchange::Wanted { sheet, only_good, check, corrected };
            exchange::import(&data, &file, &wanted).await
        }
        Command::Export { data, output, purpose, sheet, place } => match sheet {
            Some(sheet) => exchange::export_sheet(&data, &output, &purpose, &sheet, place.as_deref()).await,
            None => exchange::export(&data, &output, &purpose).await,
        },
        Command::Erase { data, phone, citizen, numbers, ground, destroy } => {
            erase::erase(&data, erase::Wanted { phone, citizen, numbers, ground, destroy }).await
        }
        Command::Backup { data, output } => backup::backup(&data, output).await,
        Command::Restore { from, data } => backup::restore(&from, &data).await,
        Command::Doctor { data, reindex } => check::doctor(&data, reindex).await,
        Command::Bench { data, matters, seconds, connections, burst, disclosure, villages, markdown } => {
            let disclosure = disclosure.map(|months| bench::Size { months, villages });
            bench::bench(&data, matters, bench::Plan { seconds, connections, burst, disclosure }, markdown).await
        }
    }
}
