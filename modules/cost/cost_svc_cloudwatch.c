
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Each dimension has a parameter and a breakdown line of its own.
 */


#include "cost_service.h"


enum {
    P_METRICS = 0,
    P_ALARMS,
    P_FAST,
    P_COMPOSITE,
    P_DASHBOARDS,
    P_API,
    P_GET,
    P_STREAM,
    P_INGEST,
    P_CLASS,
    P_STORE,
    P_INSIGHTS,
    P_TAIL,
    P_VENDED,
    P_VENDED_S3,
    P_CANARIES,
    P_RULES
};

enum {
    L_METRICS = 0,
    L_ALARMS,
    L_FAST,
    L_COMPOSITE,
    L_DASHBOARDS,
    L_API,
    L_GET,
    L_STREAM,
    L_INGEST,
    L_STORE,
    L_INSIGHTS,
    L_TAIL,
    L_VENDED,
    L_VENDED_S3,
    L_CANARIES,
    L_RULES
};


static const cost_str_t  cost_svc_cloudwatch_classes[] = {
    cost_string("STANDARD"),
    cost_string("INFREQUENT_ACCESS"),
    { 0, NULL }
};

static const cost_service_param_t  cost_svc_cloudwatch_params[] = {
    COST_NUMBER("customMetrics", "metric-month", 0,
                "custom and detailed-monitoring metrics"),
    COST_NUMBER("standardAlarms", "alarm-metric-month", 0,
                "metrics in alarms of standard resolution"),
    COST_NUMBER("highResolutionAlarms", "alarm-metric-month", 0,
                "metrics in alarms of high resolution"),
    COST_NUMBER("compositeAlarms", "alarm-month", 0, "composite alarms"),
    COST_NUMBER("dashboards", "dashboard-month", 0, "custom dashboards"),
    COST_MAIN("apiRequests", "request",
              "API requests: PutMetricData and the like"),
    COST_NUMBER("metricsRequested", "metric", 0,
                "metrics asked for by GetMetricData"),
    COST_NUMBER("metricStreamUpdates", "update", 0, "metric stream updates"),
    COST_NUMBER("logsIngestedGB", "GB", 0, "log data ingested"),
    COST_WORD("logClass", cost_svc_cloudwatch_classes, 0,
              "class of the log groups"),
    COST_NUMBER("logsStoredGB", "GB-month", 0, "log data kept, compressed"),
    COST_NUMBER("logsInsightsScannedGB", "GB", 0,
                "data scanned by Logs Insights"),
    COST_NUMBER("liveTailMinutes", "minute", 0, "Live Tail sessions"),
    COST_NUMBER("vendedLogsGB", "GB", 0,
                "vended logs, such as VPC flow logs, to CloudWatch Logs"),
    COST_NUMBER("vendedLogsToS3GB", "GB", 0, "vended logs delivered to S3"),
    COST_NUMBER("canaryRuns", "run", 0, "Synthetics canary runs"),
    COST_NUMBER("contributorInsightsRules", "rule-month", 0,
                "Contributor Insights rules")
};

static const cost_str_t  cost_svc_cloudwatch_lines[] = {
    cost_string("customMetrics"),
    cost_string("standardAlarms"),
    cost_string("highResolutionAlarms"),
    cost_string("compositeAlarms"),
    cost_string("dashboards"),
    cost_string("apiRequests"),
    cost_string("metricsRequested"),
    cost_string("metricStreams"),
    cost_string("logsIngested"),
    cost_string("logsStored"),
    cost_string("logsInsights"),
    cost_string("liveTail"),
    cost_string("vendedLogs"),
    cost_string("vendedLogsToS3"),
    cost_string("canaries"),
    cost_string("contributorInsights")
};

static const uint16_t  cost_svc_cloudwatch_ingest[] = {
    COST_PRICE_CLOUDWATCH_LOGS_INGEST_GB,
    COST_PRICE_CLOUDWATCH_LOGS_INGEST_IA_GB
};

static const cost_service_term_t  cost_svc_cloudwatch_terms[] = {
    { .line = L_METRICS, .quantity = P_METRICS,
      .price = COST_PRICE_CLOUDWATCH_METRICS },
    { .line = L_ALARMS, .quantity = P_ALARMS,
      .price = COST_PRICE_CLOUDWATCH_ALARM_STANDARD },
    { .line = L_FAST, .quantity = P_FAST,
      .price = COST_PRICE_CLOUDWATCH_ALARM_HIGH_RESOLUTION },
    { .line = L_COMPOSITE, .quantity = P_COMPOSITE,
      .price = COST_PRICE_CLOUDWATCH_ALARM_COMPOSITE },
    { .line = L_DASHBOARDS, .quantity = P_DASHBOARDS,
      .price = COST_PRICE_CLOUDWATCH_DASHBOARD_MONTH },
    { .line = L_API, .quantity = P_API,
      .price = COST_PRICE_CLOUDWATCH_API_REQUESTS },
    { .line = L_GET, .quantity = P_GET,
      .price = COST_PRICE_CLOUDWATCH_GET_METRIC_DATA },
    { .line = L_STREAM, .quantity = P_STREAM,
      .price = COST_PRICE_CLOUDWATCH_METRIC_STREAM_UPDATE },
    { .line = L_INGEST, .quantity = P_INGEST, .by = P_CLASS,
      .prices = cost_svc_cloudwatch_ingest },
    { .line = L_STORE, .quantity = P_STORE,
      .price = COST_PRICE_CLOUDWATCH_LOGS_STORAGE_GB_MONTH },
    { .line = L_INSIGHTS, .quantity = P_INSIGHTS,
      .price = COST_PRICE_CLOUDWATCH_LOGS_INSIGHTS_GB },
    { .line = L_TAIL, .quantity = P_TAIL,
      .price = COST_PRICE_CLOUDWATCH_LOGS_LIVE_TAIL_MINUTE },
    { .line = L_VENDED, .quantity = P_VENDED,
      .price = COST_PRICE_CLOUDWATCH_LOGS_VENDED_GB },
    { .line = L_VENDED_S3, .quantity = P_VENDED_S3,
      .price = COST_PRICE_CLOUDWATCH_LOGS_VENDED_S3_GB },
    { .line = L_CANARIES, .quantity = P_CANARIES,
      .price = COST_PRICE_CLOUDWATCH_CANARY_RUN },
    { .line = L_RULES, .quantity = P_RULES,
      .price = COST_PRICE_CLOUDWATCH_CONTRIBUTOR_INSIGHTS_RULE }
};


const cost_service_t  cost_svc_cloudwatch = {
    cost_string("CloudWatch"),
    cost_string("Metrics, alarms, dashboards, logs"),
    cost_svc_cloudwatch_params,
    cost_svc_cloudwatch_lines,
    cost_svc_cloudwatch_terms,
    NULL,
    COST_COUNT(cost_svc_cloudwatch_params),
    COST_COUNT(cost_svc_cloudwatch_lines),
    COST_COUNT(cost_svc_cloudwatch_terms)
};
