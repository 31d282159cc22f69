return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Catalog.CatalogModule.Definition, args);
