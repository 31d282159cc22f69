return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Identity.IdentityModule.Definition, args);
