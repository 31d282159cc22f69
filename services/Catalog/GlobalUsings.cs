global using ModelGarden.Contracts.V1;
global using ModelGarden.Kernel;
// The contract's words serve inside as well: a second set would only have to be kept the same.
global using RepositoryKind = ModelGarden.Contracts.V1.RepositoryKind;
global using Verdict = ModelGarden.Contracts.V1.Verdict;
