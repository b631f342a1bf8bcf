
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

#include "cost/cost_focus.h"

#include "test.h"


static void test_headers(void);
static void test_columns(void);
static void test_versions(void);
static void test_row(void);
static void test_nulls(void);
static void test_refused(void);
static void test_text(void);
static void test_controls(void);
static void test_slugs(void);
static void test_list(void);
static cost_rc_e test_header(const char *line);
static cost_rc_e test_read(const char *line);
static void test_load(const char *line);
static void test_amount(unsigned kind, const char *expected,
    const char *name);
static void test_str(cost_str_t s, const char *expected, const char *name);


static char                buffer[65536];
static const char         *why;
static cost_csv_record_t   rec;
static cost_focus_t        focus;
static cost_focus_row_t    row;
static cost_focus_error_t  error;


/* the least header, and a row of it with one field another */

static const char  least[] =
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"
    "BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,"
    "BillingAccountId,ServiceName,ServiceCategory";

static const char  *const  fields[] = {
    "1.5", "1.25", "2", "1.75", "USD", "2024-09-01 00:00:00",
    "2024-09-18 22:00:00", "Usage", "AWS", "0123", "Amazon SQS", "Integration"
};


int
main(void)
{
    test_headers();
    test_columns();
    test_versions();
    test_row();
    test_nulls();
    test_refused();
    test_text();
    test_controls();
    test_slugs();
    test_list();

    return done_testing();
}


static void
test_headers(void)
{
    size_t  i;

    static const struct {
        const char  *line;
        const char  *why;        /* NULL: accepted */
    } headers[] = {
        { "ServiceCategory,x_Any,ServiceName,Id,BillingAccountId,"
          "ProviderName,ChargeCategory,ChargePeriodStart,BillingPeriodStart,"
          "BillingCurrency,ContractedCost,ListCost,EffectiveCost,BilledCost,"
          "x_BilledCost,oci_CompartmentId,x_billed_cost", NULL },
        { "\"BilledCost\",\"EffectiveCost\",\"ListCost\",\"ContractedCost\","
          "\"BillingCurrency\",\"BillingPeriodStart\",\"ChargePeriodStart\","
          "\"ChargeCategory\",\"ServiceProviderName\",\"BillingAccountId\","
          "\"ServiceName\",\"ServiceCategory\"\r", NULL },
        { "billed_cost,EFFECTIVECOST,List Cost,contracted_cost,"
          "billing_currency,billing_period_start,charge_period_start,"
          "charge_category,provider_name,billing_account_id,service_name,"
          "service_category", NULL },

        { "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"
          "BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,"
          "BillingAccountId,ServiceName",
          "the mandatory column ServiceCategory is missing: export the "
          "dataset with it" },
        { "EffectiveCost,ListCost,ContractedCost,BillingCurrency,"
          "BillingPeriodStart,ChargePeriodStart,ChargeCategory,"
          "BillingAccountId,ServiceName,ServiceCategory",
          "the mandatory columns BilledCost and ProviderName are missing: "
          "export the dataset with them" },
        { "BilledCost,EffectiveCost,BillingCurrency,"
          "BillingPeriodStart,ChargePeriodStart,ChargeCategory,"
          "BillingAccountId,ServiceName,ServiceCategory,ContractApplied",
          "the mandatory columns ListCost, ContractedCost and "
          "ServiceProviderName are missing: export the dataset with them" },
        { "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"
          "BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,"
          "BillingAccountId,ServiceName,ServiceCategory,Billedcost",
          "the column Billedcost stands there twice" },

        { "identity/LineItemId,identity/TimeInterval,lineItem/UsageAccountId",
          "an AWS Cost and Usage Report, not a FOCUS \"Cost and Usage\" "
          "export: let the provider export FOCUS 1.0 or later" },
        { "identity_line_item_id,bill_payer_account_id",
          "an AWS Cost and Usage Report, not a FOCUS \"Cost and Usage\" "
          "export: let the provider export FOCUS 1.0 or later" },
        { "invoiceId,billingAccountId,billingAccountName,meterCategory",
          "an Azure cost export of the older kind, not a FOCUS \"Cost and "
          "Usage\" export: let the provider export FOCUS 1.0 or later" },
        { "billing_account_id,service.id,service.description,sku.description",
          "a Google Cloud billing export, not a FOCUS \"Cost and Usage\" "
          "export: let the provider export FOCUS 1.0 or later" },
        { "lineItem/referenceNo,lineItem/tenantId",
          "an Oracle Cloud cost report, not a FOCUS \"Cost and Usage\" "
          "export: let the provider export FOCUS 1.0 or later" },
        { "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($)",
          "a GitHub usage report, not a FOCUS \"Cost and Usage\" export: let "
          "the provider export FOCUS 1.0 or later" },
        { "InvoiceDetailId,InvoiceId,BilledCost,BillingCurrency,"
          "ChargeCategory,InvoiceIssueStatus",
          "a FOCUS Invoice Detail dataset, not a FOCUS \"Cost and Usage\" "
          "export: let the provider export FOCUS 1.0 or later" },
        { "name,age",
          "not a FOCUS export: its first line does not name FOCUS's columns" }
    };

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        (void) test_header(headers[i].line);
        is_str(why, strlen(why), headers[i].why ? headers[i].why : "ok",
               headers[i].line);
    }
}


/* every column is known by its name, and may be there once */

static void
test_columns(void)
{
    char                   line[1024];
    unsigned               i;
    cost_str_t             name;
    cost_focus_version_e   version;

    for (i = 0; i < COST_FOCUS_COLUMNS; i++) {
        name = cost_focus_column_name((cost_focus_column_e) i);
        version = (i == COST_FOCUS_SERVICE_PROVIDER_NAME) ? COST_FOCUS_1_3
                  : (i == COST_FOCUS_SKU_METER) ? COST_FOCUS_1_1
                  : COST_FOCUS_1_0;

        ok(test_header(least) == COST_OK, "the least header");

        if (focus.at[i] == COST_FOCUS_ABSENT) {
            (void) snprintf(line, sizeof(line), "%s,%.*s", least,
                            (int) name.len, name.data);
            ok(test_header(line) == COST_OK && focus.at[i] == 12
               && focus.version == version, "a column more: %.*s",
               (int) name.len, name.data);
        }

        (void) snprintf(line, sizeof(line), "%s,%.*s,%.*s", least,
                        (int) name.len, name.data, (int) name.len,
                        name.data);
        ok(test_header(line) == COST_INVALID
           && error.code == COST_FOCUS_REPEATED, "not twice");
    }

    /* of older names, or a provider's own, the first */

    (void) snprintf(line, sizeof(line), "%s,x_UsageType,x_SkuMeterName",
                    least);
    ok(test_header(line) == COST_OK && focus.at[COST_FOCUS_SKU_METER] == 12,
       "two names of a meter");

    (void) snprintf(line, sizeof(line), "%s,x_SkuMeterName,SkuMeter,xSkuId",
                    least);
    ok(test_header(line) == COST_OK && focus.at[COST_FOCUS_SKU_METER] == 13
       && focus.at[COST_FOCUS_SKU_ID] == COST_FOCUS_ABSENT,
       "its own goes before another");
}


static void
test_versions(void)
{
    char    line[1024];
    size_t  i;

    static const struct {
        const char            *more;
        const char            *name;
        cost_focus_version_e   version;
    } versions[] = {
        { "", "1.0", COST_FOCUS_1_0 },
        { ",ChargeClass", "1.0", COST_FOCUS_1_0 },
        { ",ChargeClass,SkuMeter", "1.1", COST_FOCUS_1_1 },
        { ",ServiceSubcategory,ChargeClass", "1.1", COST_FOCUS_1_1 },
        { ",InvoiceId,SkuMeter", "1.2", COST_FOCUS_1_2 },
        { ",HostProviderName,InvoiceId", "1.3", COST_FOCUS_1_3 },
        { ",ServiceProviderName", "1.3", COST_FOCUS_1_3 },
        { ",InvoiceDetailId,ContractApplied", "1.4", COST_FOCUS_1_4 },
        { ",Region,UsageQuantity", "1.0-preview", COST_FOCUS_1_0_PREVIEW },
        { ",ChargeType,BillingAccountType", "0.5", COST_FOCUS_0_5 }
    };

    for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        (void) snprintf(line, sizeof(line), "%s%s", least, versions[i].more);
        ok(test_header(line) == COST_OK
           && focus.version == versions[i].version,
           "\"%s\" is version %s", versions[i].more, versions[i].name);
        test_str(cost_focus_version_name(focus.version), versions[i].name,
                 "and named so");
    }

    /* 0.5 knows neither ListCost nor ContractedCost, and other names */

    ok(test_header("InvoiceIssuer,ResourceID,ChargeType,Provider,"
                   "BillingAccountId,ServiceName,BilledCurrency,"
                   "BillingPeriodStart,Region,ServiceCategory,"
                   "ChargePeriodStart,BilledCost,AmortizedCost,"
                   "BillingCurrency") == COST_OK, "0.5's own columns");
    ok(test_read("i,r1,Purchase,A,a1,s,AUD,2023-06-30T00:00:00Z,r,Compute,"
                 "2023-06-01T00:00:00Z,0.1,0.01,USD") == COST_OK, "a row");

    test_amount(COST_BILLED, "0.1", "BilledCost");
    test_amount(COST_EFFECTIVE, "0.01", "AmortizedCost is effective");
    test_amount(COST_LIST, "0", "there is no ListCost");
    is_int(row.nulls, 1 << COST_LIST | 1 << COST_CONTRACTED, "two nulls");
    is_int(row.charge, COST_CHARGE_PURCHASE, "ChargeType is the category");
    test_str(row.currency, "USD", "BillingCurrency, not BilledCurrency");
    test_str(row.region, "r", "Region");

    /* both names: the newer one */

    ok(test_header("Region,RegionId,Provider,BilledCost,EffectiveCost,"
                   "AmortizedCost,ListCost,ContractedCost,BillingCurrency,"
                   "BillingPeriodStart,ChargePeriodStart,ChargeCategory,"
                   "BillingAccountId,ServiceName,ServiceCategory")
       == COST_OK, "older names beside newer ones");
    is_int(focus.at[COST_FOCUS_REGION_ID], 1, "RegionId wins");
    is_int(focus.at[COST_FOCUS_EFFECTIVE_COST], 4, "EffectiveCost wins");
    is_int(focus.at[COST_FOCUS_PROVIDER_NAME], 2, "Provider stands alone");
}


static void
test_row(void)
{
    char  line[1024];

    (void) snprintf(line, sizeof(line), "%s,%s", least,
                    "SubAccountId,SubAccountName,BillingAccountName,RegionId,"
                    "RegionName,ChargeClass,ServiceProviderName");

    ok(test_header(line) == COST_OK, "a header");
    ok(test_read("0.00000080000,8.0E-7,\"1\",-2.6137,\"USD\","
                 "\"2024-09-01 00:00:00\",2024-09-18T22:00:00.000Z,Credit,x,"
                 "1234567890123,\"Amazon \"\"S\"\"QS\",Integration,"
                 "51738928782,\"Atlas, Nimbus\",SunBird,us-west-2,"
                 "US West (Oregon),Correction,Amazon Web Services\r")
       == COST_OK, "a row");

    test_amount(COST_BILLED, "0.0000008", "BilledCost");
    test_amount(COST_EFFECTIVE, "0.0000008", "EffectiveCost");
    test_amount(COST_LIST, "1", "ListCost");
    test_amount(COST_CONTRACTED, "-2.6137", "ContractedCost");
    is_int(row.nulls, 0, "no nulls");
    test_str(row.currency, "USD", "BillingCurrency");
    is_int(row.period, cost_day_from_civil(2024, 9, 1), "the period");
    is_int(row.day, cost_day_from_civil(2024, 9, 18), "the day");
    is_int(row.charge, COST_CHARGE_CREDIT, "ChargeCategory");
    ok(row.correction, "ChargeClass");
    test_str(row.provider, "aws", "ServiceProviderName goes before the other");
    test_str(row.account, "51738928782", "SubAccountId");
    test_str(row.account_name, "Atlas, Nimbus", "SubAccountName");
    test_str(row.service, "Amazon \"S\"QS", "ServiceName");
    test_str(row.service_category, "Integration", "ServiceCategory");
    test_str(row.region, "us-west-2", "RegionId");

    ok(test_read("1,1,1,1,USD,5/1/25,2025-04-30T23:30:00-01:00,usage,Oracle,"
                 "b,COMPUTE,Compute,NULL,NULL,SunBird,,us-ashburn-1,NULL,")
       == COST_OK, "another row");

    is_int(row.period, cost_day_from_civil(2025, 5, 1), "5/1/25");
    is_int(row.day, cost_day_from_civil(2025, 5, 1), "the day is UTC's");
    is_int(row.charge, COST_CHARGE_USAGE, "in lower case");
    ok(!row.correction, "no correction");
    test_str(row.provider, "oracle", "ProviderName stands in");
    test_str(row.account, "b", "BillingAccountId stands in");
    test_str(row.account_name, "SunBird", "with its own name");
    test_str(row.region, "us-ashburn-1", "RegionName stands in");

    ok(test_read("1,1,1,1,USD,5/1/25,5/1/25,Usage,Oracle,"
                 "b,NULL,,,a name of nobody,,,,,") == COST_OK, "a third row");

    test_str(row.account_name, "", "no name of the billing account");
    test_str(row.service, "Other", "no service");
    test_str(row.service_category, "Other", "no service category");
    test_str(row.region, "", "no region");
}


static void
test_nulls(void)
{
    char    line[1024];
    size_t  i;

    static const char  *nulls[] = {
        "", "NULL", "null", "Null", "\"\"", "\"NULL\"", "{}", "\"{}\"", "   ",
        " NULL "
    };
    static const char  *values[] = {
        "nul", "nulls", "{ }", "N/A", "NaN", "-"
    };

    ok(test_header("BilledCost,EffectiveCost,ListCost,ContractedCost,"
                   "BillingCurrency,BillingPeriodStart,ChargePeriodStart,"
                   "ChargeCategory,ProviderName,BillingAccountId,ServiceName,"
                   "ServiceCategory,SubAccountId") == COST_OK, "a header");

    for (i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
        (void) snprintf(line, sizeof(line), "1,1,1,%s,USD,2024-09-01,"
                        "2024-09-01,Tax,AWS,payer,s,c,%s", nulls[i],
                        nulls[i]);

        ok(test_read(line) == COST_OK && row.nulls == 1 << COST_CONTRACTED
           && row.amount[COST_CONTRACTED] == 0
           && cost_str_is(&row.account, "payer"), "<%s> is null", nulls[i]);
    }

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        (void) snprintf(line, sizeof(line), "1,1,1,1,USD,2024-09-01,"
                        "2024-09-01,Tax,AWS,payer,s,c,%s", values[i]);

        ok(test_read(line) == COST_OK
           && !cost_str_is(&row.account, "payer"), "<%s> is not", values[i]);
    }
}


static void
test_refused(void)
{
    char    line[4096], value[1200];
    size_t  i, n, used;

    static const struct {
        unsigned     field;
        const char  *value;
        const char  *why;
    } refused[] = {
        { 0, "\"$50,000.00 \"", "BilledCost \"$50,000.00\" is not a number" },
        { 0, "NULL", "BilledCost is null, which it must not be" },
        { 0, "1000000000000", "BilledCost \"1000000000000\" is too large" },
        { 0, "-1e12", "BilledCost \"-1e12\" is too large" },
        { 0, "1e99", "BilledCost \"1e99\" is too large" },
        { 0, "999999999999.99", "ok" },
        { 0, "0.00 ", "ok" },
        { 1, "NaN", "EffectiveCost \"NaN\" is not a number" },
        { 2, "\"1,5\"", "ListCost \"1,5\" is not a number" },
        { 3, "+1", "ContractedCost \"+1\" is not a number" },
        { 4, "", "BillingCurrency is null, which it must not be" },
        { 4, "usd", "BillingCurrency \"usd\" is not a currency" },
        { 4, "AZN", "ok" },
        { 4, "ZAR", "ok" },
        { 4, "A@B", "BillingCurrency \"A@B\" is not a currency" },
        { 4, "A[B", "BillingCurrency \"A[B\" is not a currency" },
        { 4, "Token", "BillingCurrency \"Token\" is not a currency" },
        { 5, "null", "BillingPeriodStart is null, which it must not be" },
        { 5, "202409", "BillingPeriodStart \"202409\" is not a date" },
        { 6, "2024-09-31", "ChargePeriodStart \"2024-09-31\" is not a date" },
        { 6, "1999-12-31T23:59:59Z", "ChargePeriodStart "
          "\"1999-12-31T23:59:59Z\" is not between 2000 and 2099" },
        { 6, "2000-01-01", "ok" },
        { 6, "2099-12-31 23:59:59", "ok" },
        { 6, "2100-01-01",
          "ChargePeriodStart \"2100-01-01\" is not between 2000 and 2099" },
        { 7, "", "ChargeCategory is null, which it must not be" },
        { 7, "Refund", "ChargeCategory \"Refund\" is not a charge category" },
        { 7, "CREDIT", "ok" },
        { 8, "", "ProviderName is null, which it must not be" },
        { 8, "---", "ProviderName \"---\" has characters that are not text" },
        { 9, "{}", "BillingAccountId is null, which it must not be" },
        { 10, "a\tb", "ServiceName \"a?b\" has characters that are not text" },
        { 10, "caf\xe9", "ServiceName \"caf?\" has characters that are not "
          "text" },
        { 10, "caf\xc3\xa9", "ok" },
        { 11, "a\x7f", "ok" },
        { 11, "Compute,1", "13 fields where the header has 12" }
    };

    ok(test_header(least) == COST_OK, "the least header");

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        used = 0;

        for (n = 0; n < sizeof(fields) / sizeof(fields[0]); n++) {
            used += (size_t) snprintf(line + used, sizeof(line) - used,
                                      "%s%s", n ? "," : "",
                                      n == refused[i].field
                                      ? refused[i].value : fields[n]);
        }

        (void) test_read(line);
        is_str(why, strlen(why), refused[i].why, refused[i].value);
    }

    /* a long value is cut in the message */

    memset(value, 'x', 1025);
    value[1025] = '\0';
    (void) snprintf(line, sizeof(line), "1,1,1,1,USD,2024-09-01,2024-09-01,"
                    "Usage,AWS,%s,s,c", value);
    ok(test_read(line) == COST_INVALID, "an id of 1025 bytes");
    ok(strlen(why) == strlen("BillingAccountId \"\" is longer than 1024 bytes")
                      + 80 + 3, "and 80 of them are shown");

    (void) snprintf(line, sizeof(line), "1,1,1,1,USD,2024-09-01,2024-09-01,"
                    "Usage,AWS,%s,s,c", value + 1);
    ok(test_read(line) == COST_OK && row.account.len == 1024, "1024 are fine");

    /* what a caller refuses */

    memset(&error, 0, sizeof(error));
    error.code = COST_FOCUS_NO_RATE;
    error.column = cost_focus_column_name(COST_FOCUS_BILLING_CURRENCY);
    error.value = (cost_str_t) cost_string("EUR");
    error.format = (cost_str_t) cost_string("USD");
    error.day = cost_day_from_civil(2024, 9, 1);

    n = cost_focus_explain(&error, (uint8_t *) buffer);
    is_str(buffer, n, "BillingCurrency \"EUR\" has no rate to USD on "
           "2024-09-01", "no rate");
}


static void
test_text(void)
{
    ok(test_header("BilledCost,EffectiveCost,ListCost,ContractedCost,"
                   "BillingCurrency,BillingPeriodStart,ChargePeriodStart,"
                   "ChargeCategory,ProviderName,BillingAccountId,ServiceName,"
                   "ServiceCategory,ResourceId,SkuMeter,UsageQuantity")
       == COST_OK, "a header");
    ok(test_read("1,1,1,1,USD,2024-09-01,2024-09-01,Usage,AWS,a,s,c,"
                 "\"i-\"\"1\"\"\",NULL,7.5") == COST_OK, "a row");

    test_str(cost_focus_text(&focus, &rec, COST_FOCUS_RESOURCE_ID), "i-\"1\"",
             "ResourceId");
    test_str(cost_focus_text(&focus, &rec, COST_FOCUS_SKU_METER), "",
             "a null");
    test_str(cost_focus_text(&focus, &rec, COST_FOCUS_CONSUMED_QUANTITY),
             "7.5", "ConsumedQuantity by its older name");
    test_str(cost_focus_text(&focus, &rec, COST_FOCUS_SKU_ID), "",
             "a column that the file lacks");
}


/* wherever they stand; in a message they are "?" */

static void
test_controls(void)
{
    char    line[1024], text[21];
    size_t  i;

    static const struct {
        const char  *value;
        const char  *shown;
    } values[] = {
        { "1\x7f", "1?" },
        { "1\xc2\x85", "1?" },
        { "1\xc2\x9f", "1?" },
        { "1\xc2\xa0", "1\xc2\xa0" },
        { "1 1", "1 1" },
        { "1\xe2\x82\xac", "1\xe2\x82\xac" }
    };

    (void) snprintf(line, sizeof(line), "%s,RegionId", least);
    ok(test_header(line) == COST_OK, "a header with a region");

    for (i = 0; i < sizeof(text) - 1; i++) {
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        ok(cost_focus_is_text((uint8_t *) text, sizeof(text) - 1), "a text");

        text[i] = '\x1f';
        ok(!cost_focus_is_text((uint8_t *) text, sizeof(text) - 1),
           "no text: a control at %zu", i);

        (void) snprintf(line, sizeof(line), "1,1,1,1,ZAR,2024-09-01,"
                        "2024-09-01,Usage,AWS,a,s,c,%s", text);
        ok(test_read(line) == COST_INVALID
           && error.code == COST_FOCUS_NOT_TEXT, "nor is a region of it");
    }

    ok(test_header(least) == COST_OK, "the least header");

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        (void) snprintf(line, sizeof(line), "%s,1,1,1,AUD,2024-09-01,"
                        "2024-09-01,Usage,AWS,a,s,c", values[i].value);
        ok(test_read(line) == COST_INVALID, "no number");

        (void) snprintf(line, sizeof(line), "BilledCost \"%s\" is not a "
                        "number", values[i].shown);
        is_str(why, strlen(why), line, line);
    }
}


static void
test_slugs(void)
{
    size_t   i, n;
    uint8_t  buf[COST_PROVIDER_MAX];

    static const char  *slugs[][2] = {
        { "AWS", "aws" },
        { "Amazon Web Services", "aws" },
        { "Microsoft", "azure" },
        { "Microsoft Azure", "azure" },
        { "Google Cloud", "gcp" },
        { "Oracle", "oracle" },
        { "Acme Co", "acme-co" },
        { "  Acme, (Co.) ", "acme-co" },
        { "under_score", "under_score" },
        { "A", "a" },
        { "01234567890123456789012345678901234",
          "01234567890123456789012345678901" },
        { "0123456789012345678901234567890 tail",
          "0123456789012345678901234567890" },
        { "caf\xc3\xa9", "caf" },
        { "\xe4\xb8\xad", "" },
        { "", "" }
    };

    for (i = 0; i < sizeof(slugs) / sizeof(slugs[0]); i++) {
        n = cost_provider_slug((const uint8_t *) slugs[i][0],
                               strlen(slugs[i][0]), buf);
        is_str(buf, n, slugs[i][1], slugs[i][0]);
    }
}


/* the row before is remembered, and nothing but it */

static void
test_list(void)
{
    ok(test_header(least) == COST_OK, "a header");

    ok(test_read("1,1,1,1,USD,2024-09-01,2024-09-02,Usage,AWS,a,s,c")
       == COST_OK, "a row");
    ok(test_read("1,1,1,1,USD,2024-09-02,2024-09-02,Usage,\xe4,a,s,c")
       == COST_INVALID, "a provider without a letter");
    ok(test_read("1,1,1,1,USD,2024-09-02,2024-09-01,Usage,AWS,a,s,c")
       == COST_OK, "the first again");
    test_str(row.provider, "aws", "its provider");
    is_int(row.period, cost_day_from_civil(2024, 9, 2), "its period");
    is_int(row.day, cost_day_from_civil(2024, 9, 1), "its day");
    ok(test_read("1,1,1,1,USD,2024-09-0,2024-09-01,Usage,AW,a,s,c")
       == COST_INVALID, "half a date");
    ok(test_read("1,1,1,1,USD,2024-09-02,2024-09-01,Usage,AW,a,s,c")
       == COST_OK, "half a name");
    test_str(row.provider, "aw", "is another provider");
}


static cost_rc_e
test_header(const char *line)
{
    cost_rc_e  rc;

    test_load(line);
    rc = cost_focus_header(&focus, &rec, &error);
    why = "ok";

    if (rc != COST_OK) {
        buffer[cost_focus_explain(&error, (uint8_t *) buffer)] = '\0';
        why = buffer;
    }

    return rc;
}


static cost_rc_e
test_read(const char *line)
{
    cost_rc_e    rc;
    static char  text[COST_FOCUS_EXPLAIN + 1];

    test_load(line);
    rc = cost_focus_row(&focus, &rec, &row, &error);
    why = "ok";

    if (rc != COST_OK) {
        text[cost_focus_explain(&error, (uint8_t *) text)] = '\0';
        why = text;
    }

    return rc;
}


static void
test_load(const char *line)
{
    cost_csv_t    csv;
    static char   text[65536];

    (void) snprintf(text, sizeof(text), "%s\n", line);

    cost_csv_init(&csv, ',');
    cost_csv_feed(&csv, (uint8_t *) text, strlen(text), true);

    if (cost_csv_next(&csv, &rec) != COST_OK) {
        ok(0, "a record: %s", line);
        rec.n = 0;
    }
}


static void
test_amount(unsigned kind, const char *expected, const char *name)
{
    size_t   n;
    uint8_t  buf[COST_DECIMAL_LEN];

    n = cost_decimal_format(row.amount[kind], COST_DECIMAL_PLACES, 0, buf);
    is_str(buf, n, expected, name);
}


static void
test_str(cost_str_t s, const char *expected, const char *name)
{
    is_str(s.data, s.len, expected, name);
}
