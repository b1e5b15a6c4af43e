import { groups, type User } from './user.ts';

/** Who may do one thing; settings `access.static.<thing>.users` and `.groups`. */
export interface AllowList {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** What access is decided on. `adminResources` are Secrets and GlobalSecrets. */
export type Action =
  | 'adminResources'
  | 'writeResources'
  | 'generateDpToken'
  | 'generateZoneToken'
  | 'generateUserToken'
  | 'viewConfigDump'
  | 'viewStats'
  | 'viewClusters'
  | 'controlPlaneMetadata';

export type StaticAccess = Readonly<Record<Action, AllowList>>;

type AccessSettings = { readonly [Key in `access.static.${Action}.${'users' | 'groups'}`]: readonly string[] };

/** The lists as the settings state them. */
export function staticAccess(settings: AccessSettings): StaticAccess {
  const actions = Object.keys(denied) as Action[];
  const listOf = (action: Action): AllowList => ({
    users: settings[`access.static.${action}.users`],
    groups: settings[`access.static.${action}.groups`],
  });
  return Object.fromEntries(actions.map((action) => [action, listOf(action)])) as Record<Action, AllowList>;
}

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

export type Access = (user: User, action: Action) => Decision;

export function createAccess(lists: StaticAccess): Access {
  return (user, action) => {
    const list = lists[action];
    if (list.users.includes(user.name) || user.groups.some((group) => list.groups.includes(group))) return { allowed: true };
    return { allowed: false, reason: `user "${user.name}/${user.groups.join(',')}" ${denied[action]}${wayIn(user)}` };
  };
}

const denied: Readonly<Record<Action, string>> = {
  adminResources: 'may not access secrets',
  writeResources: 'may not write resources',
  generateDpToken: 'may not generate dataplane tokens',
  generateZoneToken: 'may not generate zone tokens',
  generateUserToken: 'may not generate user tokens',
  viewConfigDump: "may not see a proxy's configuration",
  viewStats: "may not see a proxy's statistics",
  viewClusters: "may not see a proxy's clusters",
  controlPlaneMetadata: "may not see the control plane's settings",
};

function wayIn(user: User): string {
  return user.groups.includes(groups.unauthenticated)
    ? '. Send a user token as "Authorization: Bearer <token>". On the host of the control plane, read the admin\'s with ' +
        '"kumactl get global-secret admin-user-token -o json" (field data, base64) or make one with "kumactl generate user-token"'
    : '. Ask an administrator to name the user or one of its groups in access.static';
}
