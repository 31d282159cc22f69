return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Entitlement.EntitlementModule.Definition, args);
