//! The signed sheet of a household's consent, read again. Every look is on record before the picture is shown; a consent that
//! has ended shows none.

use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::ids::{AccountId, HouseholdId, MatterId, PartyId, RegionId};

impl App {
    /// The photo of the sheet by which a household of the village lets a party see its points. The caller has made sure that
    /// the reader keeps the village's books or is the one it was given to.
    pub async fn consent_sheet(
        &self,
        account: AccountId,
        village: RegionId,
        (home, party): (HouseholdId, PartyId),
    ) -> Result<Vec<u8>, AppError> {
        let asked = |c: &xiangyue_domain::ledger::Consent| c.household == home.0 && c.party == party;
        let found = self.consents_in(village).await?.into_iter().map(|(_, c)| c).find(asked);
        let consent = found.filter(|c| !c.sheet.is_empty()).ok_or(AppError::NotFound)?;
        // Ids are drawn from one row, so a household's stands for no matter.
        self.log_read(MatterId(home.0), account, "consent", &party.to_string()).await?;
        self.open_stored(&self.secrets().of_household(home.0), &consent.sheet).await
    }
}
