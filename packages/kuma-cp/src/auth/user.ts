/** Who makes a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export const groups = {
  admin: 'mesh-system:admin',
  authenticated: 'mesh-system:authenticated',
  unauthenticated: 'mesh-system:unauthenticated',
} as const;

/** Requests without credentials. */
export const anonymous: User = Object.freeze({
  name: 'mesh-system:anonymous',
  groups: Object.freeze([groups.unauthenticated]),
});

/** Whom the token `admin-user-token` names. */
export const admin: User = Object.freeze({ name: 'mesh-system:admin', groups: Object.freeze([groups.admin]) });

/** A user who has proven to be one is in the group of all such users. */
export function authenticated(user: User): User {
  return Object.freeze({ name: user.name, groups: Object.freeze([...user.groups, groups.authenticated]) });
}
