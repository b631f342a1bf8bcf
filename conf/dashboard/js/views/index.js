// The pages, in the order of the menu.

import * as accounts from './accounts.js';
import * as alert from './alert.js';
import * as alerts from './alerts.js';
import * as anomalies from './anomalies.js';
import * as budgets from './budgets.js';
import * as ci from './ci.js';
import * as costs from './costs.js';
import * as key from './key.js';
import * as keys from './keys.js';
import * as overview from './overview.js';
import * as recommendations from './recommendations.js';
import * as webhook from './webhook.js';
import * as webhooks from './webhooks.js';

export const pages = new Map(Object.entries({
    overview, costs, anomalies, recommendations, budgets, alerts, webhooks, ci, accounts, key, keys,
    alert, webhook,
}));
