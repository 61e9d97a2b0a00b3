//! The password policy of the domain, and after how many failures it locks (MS-ADTS §3.1.1.5.5.3, lockoutThreshold).

use crate::directory::DirectoryError;
use crate::directory::connection::{Entry, Link, Query};
use ldap3::Scope;

const DOING: &str = "reading the password policy";
const POLICY: &[&str] = &["minPwdLength", "pwdHistoryLength", "maxPwdAge", "lockoutThreshold"];

/// The entry of the domain with its policy, if it can be seen.
pub async fn of_domain(link: &mut Link) -> Result<Option<Entry>, DirectoryError> {
    let (scope, filter) = (Scope::Base, "(objectClass=*)");
    let root = Query { doing: DOING, base: "", scope, filter, attributes: &["defaultNamingContext"] };
    let root = link.search(&root).await?;
    let base = root.first().and_then(|e| e.text("defaultnamingcontext")).unwrap_or_default();
    let domain = Query { doing: DOING, base, scope, filter, attributes: POLICY };
    Ok(link.search(&domain).await?.into_iter().next())
}

/// The lowest threshold of the domain and of the finer policies that the service account may see; `None` if there is
/// none.
pub async fn lockout_threshold(link: &mut Link) -> Result<Option<u32>, DirectoryError> {
    let Some(domain) = of_domain(link).await? else { return Ok(None) };
    let finer = Query {
        doing: DOING,
        base: &format!("CN=Password Settings Container,CN=System,{}", domain.dn),
        scope: Scope::OneLevel,
        filter: "(objectClass=msDS-PasswordSettings)",
        attributes: &["msDS-LockoutThreshold"],
    };
    let finer = match link.search(&finer).await {
        Ok(found) => found,
        // by default only the administrators of the domain see them
        Err(DirectoryError::Misconfigured { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let of_finer = finer.iter().filter_map(|policy| positive(policy, "msds-lockoutthreshold"));
    Ok(of_finer.chain(positive(&domain, "lockoutthreshold")).min())
}

/// A number above 0; 0 says "never".
fn positive(entry: &Entry, name: &str) -> Option<u32> {
    entry.number(name).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_of_zero_is_none() {
        let threshold = |value: &[u8]| {
            positive(&Entry::recorded("DC=ad", &[("lockoutThreshold", value)]), "lockoutthreshold")
        };
        assert_eq!(threshold(b"10"), Some(10));
        for none in [b"0".as_slice(), b"-1", b"x", b"99999999999"] {
            assert_eq!(threshold(none), None);
        }
    }
}
