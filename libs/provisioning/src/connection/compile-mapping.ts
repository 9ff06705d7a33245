import type { AttributeRule } from '@provisor/contracts';
import { compileRule, RuleProblem, type CompiledRule } from '../attribute-mapping/compile-rule.js';
import {
  attributeKey,
  parseTargetPath,
  pathKey,
  TargetPathProblem,
  type TargetPath,
} from '../attribute-mapping/target-path.js';
import type { ConfigurationFault } from '../problem/configuration-problem.js';
import type { CompiledMapping } from './compiled-connection.js';

type Report = (fault: ConfigurationFault) => void;
type Rules = Pick<CompiledMapping, 'rules' | 'createOnly' | 'masked'>;

/** Fields that the service provider assigns or that follow from presence and memberships. */
const RESERVED: Readonly<Record<string, string>> = {
  ':id': 'the service provider assigns it',
  ':meta': 'the service provider assigns it',
  ':schemas': 'it follows from the mapped fields',
  ':active': 'it follows from the account status and the policy',
  ':members': 'it follows from the memberships at the data store',
  ':groups': 'it follows from the memberships at the data store',
};
/** Never shown, whatever the rule says. */
const ALWAYS_MASKED = new Set([':password']);

/**
 * Prepares the attribute mapping of the objects of one type. `externalId` is the object id unless it is mapped: without it an
 * account whose create was never answered could not be found again.
 */
export function compileMapping(
  mapping: Readonly<Record<string, AttributeRule>>,
  required: string,
  report: Report,
): Rules {
  const paths = new Map<string, string>();
  const rules = Object.entries(mapping).flatMap(
    ([path, rule]) => compileEntry(path, rule, required, paths, report) ?? [],
  );
  reportOverlaps(mapping, report);
  if (!paths.has(`:${required.toLowerCase()}[].`))
    report({
      path: `.${required}`,
      message: `${required} is not mapped`,
      expected: `a rule for ${required}; the service provider demands it`,
    });
  if (!paths.has(':externalid[].')) rules.push({ path: 'externalId', rule: objectIdRule, required: true });
  return {
    rules,
    createOnly: rules
      .filter(({ rule }) => rule.createOnly)
      .map(({ path }) => path)
      .sort(),
    masked: rules
      .filter(({ rule }) => rule.masked)
      .map(({ path }) => path)
      .sort(),
  };
}

const objectIdRule: CompiledRule = {
  list: false,
  createOnly: false,
  masked: false,
  evaluate: ({ objectId }) => ({ value: objectId }),
};

function compileEntry(
  path: string,
  rule: AttributeRule,
  required: string,
  seen: Map<string, string>,
  report: Report,
): Rules['rules'][number] | undefined {
  const at = pathIn(path);
  try {
    const parsed = parseTargetPath(path);
    const reason = RESERVED[attributeKey(parsed)];
    if (reason !== undefined)
      report({ path: at, message: `${parsed.attribute} cannot be mapped: ${reason}`, expected: 'another field' });
    const key = pathKey(parsed);
    const twin = seen.get(key);
    if (twin !== undefined)
      report({ path: at, message: `"${path}" and "${twin}" are the same field`, expected: 'one rule for each field' });
    seen.set(key, path);
    const compiled = compileRule(rule);
    const masked = compiled.masked || ALWAYS_MASKED.has(attributeKey(parsed));
    if (masked && compiled.list)
      report({ path: at, message: 'A masked field cannot have a list of values', expected: 'one single value' });
    return { path, rule: { ...compiled, masked }, required: key === `:${required.toLowerCase()}[].` };
  } catch (error) {
    if (error instanceof TargetPathProblem) report({ path: at, message: error.message, expected: error.expected });
    else if (error instanceof RuleProblem)
      report({ path: `${at}.${error.key}`, message: error.message, expected: error.expected });
    else throw error;
    return undefined;
  }
}

/** A field mapped as a whole and in parts: which of them is written last would decide. */
function reportOverlaps(mapping: Readonly<Record<string, AttributeRule>>, report: Report): void {
  const parsed = Object.keys(mapping).flatMap((path) => {
    const parsedPath = tryParse(path);
    return parsedPath === undefined ? [] : [{ path, parsedPath }];
  });
  const whole = new Map(
    parsed
      .filter(({ parsedPath }) => isWhole(parsedPath))
      .map(({ path, parsedPath }) => [attributeKey(parsedPath), path]),
  );
  for (const { path, parsedPath } of parsed) {
    const other = whole.get(attributeKey(parsedPath));
    if (!isWhole(parsedPath) && other !== undefined && !('reference' in Object(mapping[path])))
      report({
        path: pathIn(path),
        message: `"${other}" is mapped as a whole and "${path}" as a part of it`,
        expected: 'the whole or its parts',
      });
  }
}

const isWhole = (path: TargetPath): boolean => path.where === undefined && path.subAttribute === undefined;

function tryParse(path: string): TargetPath | undefined {
  try {
    return parseTargetPath(path);
  } catch {
    return undefined;
  }
}

/** A key of the document in a path: `.userName`, or `["emails[type eq \"work\"].value"]` where it is no plain name. */
const pathIn = (key: string): string => (/^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
