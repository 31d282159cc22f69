// ASP.NET has an Endpoint too; here the word is the domain's.
global using Endpoint = ModelGarden.Contracts.V1.Endpoint;
