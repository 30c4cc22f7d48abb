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
 * What the bits cannot say: a string that was written while the banner was
 * still open is no decision, and a legitimate interest is never a consent.
 * Since version 2.2 of the framework `created` has a day's precision.
 */
#ifndef INGEST_TCF_H
#define INGEST_TCF_H

#include "ingest/base/buf.h"

/*
 * Append the string as JSON.  0, or -1 with `reason` when it is none; then
 * nothing is appended.
 */
int tcf_json(struct span text, struct buf *out, const char **reason);

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
