// Tokens that are known by their form, one row each: the text they begin with, then the whole as a pattern. A pattern begins at
// its anchor and repeats nothing in two ways, so that trying it costs no more than reading what it matches.

export interface Format {
  /** For the user, and for the placeholder. */
  kind: string;
  /** What the pattern can begin with, two characters or more: only there is it tried. */
  anchors: readonly string[];
  /** Sticky. */
  pattern: RegExp;
  /** The token begins before its anchor: that part is the pattern's group `lead`. */
  hasLead?: true;
  /** Only the pattern's group `value`, at its end, is secret. */
  holdsValue?: true;
  /** The form alone says little: the rest must look random as well. */
  isLoose?: true;
}

const strict = (kind: string, anchors: readonly string[], pattern: RegExp): Format => ({ kind, anchors, pattern });
const loose = (kind: string, anchors: readonly string[], pattern: RegExp): Format => ({
  kind,
  anchors,
  pattern,
  isLoose: true,
});

const led = (kind: string, anchors: readonly string[], pattern: RegExp): Format => ({
  kind,
  anchors,
  pattern,
  hasLead: true,
});

/** The first match holds, so narrower formats come before wider ones. Sources: the issuers' own documentation of their prefixes. */
export const formats: readonly Format[] = [
  strict(
    'AWS access key',
    ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3T'],
    /(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/y,
  ),
  strict(
    'AWS Bedrock key',
    ['ABSKQmVkcm9ja0FQSUtleS', 'bedrock-api-key-'],
    /(?:ABSKQmVkcm9ja0FQSUtleS|bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t)[A-Za-z0-9+/=]{20,}/y,
  ),
  strict('Google API key', ['AIza'], /AIza[\w-]{35}(?![A-Za-z0-9_])/y),
  strict('Google OAuth secret', ['GOCSPX-'], /GOCSPX-[\w-]{28}(?!\w)/y),
  strict('Google OAuth token', ['ya29.', '1//0'], /(?:ya29\.[\w-]{20,}(?:\.[\w-]+)*|1\/\/0[\w-]{40,})/y),
  led('Azure client secret', ['Q~'], /(?<=(?<lead>[\w~.]{3}\d))Q~[\w~.-]{31,34}(?![\w~-])/y),
  led('Azure key', ['JQQJ99'], /(?<=(?<lead>[A-Za-z0-9]{52}))JQQJ99[A-Za-z0-9]{20,30}(?![A-Za-z0-9])/y),
  led(
    'Azure key',
    ['+ASt', '+AMC', 'ACDb', '+ARm', 'AzFu', 'AzSe', '+ABa', '+AEh', 'AzCa'],
    /(?<=(?<lead>[A-Za-z0-9+/]{33,76}))(?:\+A(?:St|MC|Rm|Ba|Eh)|ACDb|Az(?:Fu|Se|Ca))[A-Za-z0-9+/]{5,6}={0,2}(?![A-Za-z0-9+/=])/y,
  ),
  strict('Azure signature', ['sig='], /sig=(?:[A-Za-z0-9]|%[0-9A-Fa-f]{2}|[+/-]|_){43,80}={0,2}(?![A-Za-z0-9])/y),
  strict('Azure DevOps token', ['AZDO'], /AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/y),
  strict(
    'GitHub token',
    ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    /(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{59,})(?!\w)/y,
  ),
  strict(
    'GitLab token',
    [
      'glpat-',
      'gldt-',
      'glrt-',
      'glcbt-',
      'glptt-',
      'glft-',
      'glsoat-',
      'glimt-',
      'glagent-',
      'gloas-',
      'glffct-',
      'glwt-',
      'GR1348941',
    ],
    /(?:gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct|wt)-[\w-]{20,}(?:\.[a-z0-9]{2}\.?[a-z0-9]{7,})?|GR1348941[\w-]{20,})/y,
  ),
  strict(
    'Slack token',
    ['xoxa-', 'xoxb-', 'xoxc-', 'xoxd-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xoxe.', 'xapp-'],
    /(?:xox[a-eoprs]-|xoxe\.xox[bp]-|xapp-)[A-Za-z0-9%/+=-]{10,}/y,
  ),
  strict(
    'Slack webhook',
    ['hooks.slack.com'],
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9]+\/[A-Za-z0-9]+\/[A-Za-z0-9/]{16,}/y,
  ),
  strict(
    'Discord webhook',
    ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    /discord(?:app)?\.com\/api\/webhooks\/\d{15,20}\/[\w-]{60,}/y,
  ),
  strict(
    'Stripe key',
    ['sk_live_', 'sk_test_', 'sk_prod_', 'rk_live_', 'rk_test_', 'rk_prod_', 'whsec_'],
    /(?:[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{24,}={0,2})/y,
  ),
  strict('Anthropic key', ['sk-ant-'], /sk-ant-[\w-]{24,}/y),
  strict('OpenRouter key', ['sk-or-'], /sk-or-(?:v\d-)?[0-9a-f]{40,}/y),
  strict(
    'OpenAI key',
    ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-None-', 'sess-'],
    /(?:sk-(?:proj|svcacct|admin|None)-[\w-]{20,}|sess-[A-Za-z0-9]{40})/y,
  ),
  loose('OpenAI key', ['sk-'], /sk-[\w-]{20,}/y),
  strict('Hugging Face token', ['hf_', 'api_org_'], /(?:hf_|api_org_)[A-Za-z0-9]{34,}(?!\w)/y),
  strict('npm token', ['npm_'], /npm_[A-Za-z0-9]{36}(?!\w)/y),
  strict('PyPI token', ['pypi-'], /pypi-AgE[\w-]{50,}/y),
  strict('RubyGems token', ['rubygems_'], /rubygems_[0-9a-f]{48}(?!\w)/y),
  strict('crates.io token', ['cio'], /cio[A-Za-z0-9]{32}(?!\w)/y),
  strict('Docker token', ['dckr_pat_', 'dckr_oat_'], /dckr_[po]at_[\w-]{27,}/y),
  strict('xAI key', ['xai-'], /xai-[A-Za-z0-9]{70,}/y),
  strict('Groq key', ['gsk_'], /gsk_[A-Za-z0-9]{40,}/y),
  strict('Perplexity key', ['pplx-'], /pplx-[A-Za-z0-9]{40,}/y),
  strict('Replicate token', ['r8_'], /r8_[A-Za-z0-9]{37,}(?!\w)/y),
  strict('Fireworks key', ['fw_'], /fw_[A-Za-z0-9]{22,24}(?!\w)/y),
  strict('Tavily key', ['tvly-'], /tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,}/y),
  strict('LangSmith key', ['lsv2_'], /lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}/y),
  strict('Databricks token', ['dapi', 'dkea'], /d(?:api|kea)[0-9a-f]{32}(?:-\d)?(?!\w)/y),
  strict('SendGrid key', ['SG.'], /SG\.[\w-]{20,24}\.[\w-]{39,50}(?!\w)/y),
  strict('Brevo key', ['xkeysib-', 'xsmtpsib-'], /x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}/y),
  strict('Mailgun key', ['key-'], /key-[0-9a-f]{32}(?!\w)/y),
  strict('Mailchimp key', ['-us'], /-us\d{1,2}(?!\w)/y),
  strict('Resend key', ['re_'], /re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?!\w)/y),
  strict('Twilio key', ['SK'], /SK[0-9a-f]{32}(?!\w)/y),
  led('Telegram token', [':AA'], /(?<=(?<lead>\d{7,10})):AA[\w-]{33}(?![\w-])/y),
  strict('DigitalOcean token', ['dop_v1_', 'doo_v1_', 'dor_v1_'], /do[opr]_v1_[0-9a-f]{64}/y),
  strict('Cloudflare key', ['v1.0-'], /v1\.0-[0-9a-f]{24}-[0-9a-f]{100,160}/y),
  strict('Heroku key', ['HRKU-'], /HRKU-[\w-]{36,}/y),
  strict('Fly.io token', ['FlyV1', 'fo1_'], /(?:FlyV1 fm\d[a-z]?_[A-Za-z0-9+/=,_]{60,}|fo1_[\w-]{43})/y),
  strict('Netlify token', ['nfp_', 'nfc_'], /nf[pc]_[A-Za-z0-9]{36,}/y),
  strict('Vercel token', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], /vc[piark]_[A-Za-z0-9]{24,}/y),
  strict('Supabase token', ['sbp_', 'sb_secret_'], /(?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{31,})/y),
  strict('PlanetScale token', ['pscale_'], /pscale_(?:tkn|oauth|pw)_[\w=.-]{32,}/y),
  strict('Neon key', ['napi_'], /napi_[a-z0-9]{60,}/y),
  strict('Vault token', ['hvs.', 'hvb.', 'hvr.'], /hv[sbr]\.[\w-]{24,}/y),
  led('Terraform token', ['.atlasv1.'], /(?<=(?<lead>[A-Za-z0-9]{14}))\.atlasv1\.[\w=-]{60,}/y),
  strict('Pulumi token', ['pul-'], /pul-[0-9a-f]{40}(?!\w)/y),
  strict('Doppler token', ['dp.'], /dp\.(?:pt|st|ct|scim|audit|sa)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}/y),
  strict('Grafana token', ['glsa_', 'glc_'], /(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[A-Za-z0-9+/]{32,}={0,2})/y),
  strict('Sentry token', ['sntrys_', 'sntryu_'], /(?:sntrys_eyJ[A-Za-z0-9+/=_-]{40,}|sntryu_[0-9a-f]{64})/y),
  strict('New Relic key', ['NRAK-', 'NRJS-', 'NRII-'], /NR(?:AK|JS|II)-[A-Za-z0-9-]{19,}/y),
  strict('Dynatrace token', ['dt0'], /dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}/y),
  strict('Postman key', ['PMAK-'], /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/y),
  strict('Linear key', ['lin_api_', 'lin_oauth_'], /lin_(?:api|oauth)_[A-Za-z0-9]{32,}/y),
  strict('Notion key', ['ntn_', 'secret_'], /(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}(?!\w))/y),
  strict('Atlassian token', ['ATATT3', 'ATCTT3', 'ATBB'], /(?:AT[AC]TT3[\w=-]{60,}|ATBB[A-Za-z0-9]{32}(?!\w))/y),
  strict('Figma token', ['figd_', 'figo_', 'figu_'], /fig[dou]_[\w-]{36,}/y),
  strict('Airtable token', ['pat'], /pat[A-Za-z0-9]{14}\.[0-9a-f]{64}/y),
  strict('Asana token', ['2/1', '1/1'], /[12]\/1\d{12,17}(?:\/\d{12,17})?:[0-9a-f]{32}(?!\w)/y),
  strict('Shopify token', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], /shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?!\w)/y),
  strict('Square token', ['sq0atp-', 'sq0csp-', 'EAAA'], /(?:sq0(?:atp|csp)-[\w-]{22,}|EAAA[\w-]{60})(?![\w-])/y),
  strict('PayPal token', ['access_token$'], /access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{32}/y),
  strict('Facebook token', ['EAAC', 'EAAB', 'EAAG', 'EAAM'], /EAA[BCGM][A-Za-z0-9]{80,}/y),
  strict('age key', ['AGE-SECRET-KEY-1'], /AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/y),
  // Not far within a word with dashes, or `eyJ-eyJ-…` would be read again from each of its pieces.
  strict('JSON web token', ['eyJ'], /(?<![\w-]{32})eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/y),
];
