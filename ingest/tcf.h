/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tcf - consent strings of the IAB Transparency and Consent Framework.
 *
 * Source of the bit layouts: IAB Tech Lab, "Consent string and vendor list
 * formats", v1.1 and v2 (up to 2.3).  Version 1 is one string; version 2 a
 * core and segments behind dots: disclosed vendors, allowed vendors,
 * publisher.
 *
 * A decoded string becomes a JSON object with the names of the
 * specification; lists hold the numbers whose bit is set, in rising order:
 *
 *	version, created, lastUpdated, cmpId, cmpVersion, consentScreen,
 *	consentLanguage, vendorListVersion
 *	of version 1:	purposesAllowed, maxVendorId, vendorConsents
 *	of version 2:	tcfPolicyVersion, isServiceSpecific,
 *	    useNonStandardTexts, specialFeatureOptIns, purposesConsent,
 *	    purposesLITransparency, purposeOneTreatment, publisherCC,
 *	    vendorConsentMax, vendorConsents, vendorLIMax,
 *	    vendorLegitimateInterests, publisherRestrictions [{purposeId,
 *	    restrictionType, vendorIds}]
 *	segments:	vendorsDisclosed, vendorsAllowed, pubPurposesConsent,
 *	    pubPurposesLITransparency, numCustomPurposes,
 *	    customPurposesConsent, customPurposesLITransparency
 *
 *	derived:	atDisplay, purposes and, where they are wanted, vendors:
 *	    [{id (text), disclosed, consent, legitimateInterest, choice,
 *	    decision}]
 *
 * A legitimate interest is never a consent.  A bit that is not set is
 * "refused" only where the string says what was disclosed (a vendor of the
 * segment; purposes when the segment names a vendor, but purpose 1 where the
 * publisher did not ask for it), else "unknown".
 * `choice` says this of a string that somebody chose.  `decision` is unknown
 * besides when the string is the one that the framework prescribes while the
 * banner is open (atDisplay: no consent, all interests); one who refused all
 * and objected to nothing leaves the same, so that only the record around the
 * string can tell.  Purposes are those that the framework defines, and others
 * whose bit is set.
 *
 * Since version 2.2 of the framework `created` and `lastUpdated` are days:
 * an instant of a string at midnight has a day's precision (map_clock).
 */
#ifndef INGEST_TCF_H
#define INGEST_TCF_H

#include "ingest/base/buf.h"

/*
 * Append the string as JSON, with the list of vendors or, when nobody reads
 * that, without: it is long.  0, or -1 with `reason` when it is none; then
 * nothing is appended.
 */
int tcf_json(
    struct span text, bool with_vendors, struct buf *out, const char **reason);

/*
 * The same for a string of TCF Canada, which a GPP string holds: version to
 * vendorListVersion as above, tcfPolicyVersion, useNonStandardStacks,
 * specialFeatureExpressConsent, purposesExpressConsent,
 * purposesImpliedConsent, vendorExpressConsent, vendorImpliedConsent;
 * segments: vendorsDisclosed, pubPurposesExpressConsent,
 * pubPurposesImpliedConsent, numCustomPurposes,
 * customPurposesExpressConsent, customPurposesImpliedConsent.
 */
int tcf_canada_json(struct span text, struct buf *out, const char **reason);

#endif
