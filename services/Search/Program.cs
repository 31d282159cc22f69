return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Search.SearchModule.Definition, args);
