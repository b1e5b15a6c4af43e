/** Envoy makes all of its choices anew for each request, however few endpoints there are: over millions it would come to a halt. */
export const mostChoices = 1000;
