return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Serving.ServingModule.Definition, args);
